// The alerts that the person has been told of: those that want an answer, and those that are past, with the answer.
import { useEffect } from "preact/hooks";
import { html } from "../html.js";
import { language, words } from "../words.js";
import { ago, full, short } from "../times.js";
import { wording } from "../api/alerts.js";
import { alertsLoaded, isOpen, openAlerts, queue } from "../store/alerts.js";
import { loadPast, pastAlerts } from "../store/alerts-past.js";
import { Empty } from "../parts/empty.js";
import { Icon } from "../parts/icon.js";
import { ListPane } from "../parts/pane.js";
import { Waiting } from "../parts/waiting.js";
import { moveInList } from "../parts/list-keys.js";
import { AlertFace } from "./alerts-face.js";
import { Level } from "./alerts-level.js";

/** @typedef {import("../api/alerts.js").Alert} Alert */
/** @typedef {import("../store/alerts-past.js").Past} Past */

/** @type {Record<string, string>} */
const outcomeIcons = { answered: "circle-check", read: "eye", cancelled: "undo-2", expired: "clock", superseded: "refresh-cw" };

/** @param {{parts: string[]}} properties */
export function Alerts({ parts: [id] }) {
  useEffect(() => void loadPast().catch(() => {}), []);
  const open = openAlerts.value;
  const past = pastAlerts.value.filter((one) => !isOpen(one.alert.id));
  return html`<${ListPane} label=${words("alerts")}><header class="pane-head"><h1>${words("alerts")}</h1></header>
      <div class="grow scrolls" onKeyDown=${moveInList}>
        ${!alertsLoaded.value && html`<${Waiting} />`}
        ${alertsLoaded.value && open.length + past.length === 0 && html`<${Empty} icon="bell" title=${words("alerts.empty")} text=${words("alerts.empty-text")} />`}
        <div class="alert-lines">
          ${open.length > 0 && html`<h2 class="alert-section">${words("alerts.open")}</h2>`}
          ${open.map(({ alert }) => html`<${Line} key=${alert.id} alert=${alert} chosen=${alert.id === id} at=${Date.parse(alert.effective_at)} what=${words("alerts.wanted")} />`)}
          ${past.length > 0 && html`<h2 class="alert-section">${words("alerts.past")}</h2>`}
          ${past.map((one) => html`<${Line} key=${one.alert.id} alert=${one.alert} chosen=${one.alert.id === id} at=${one.at} past=${one} what=${outcome(one)} />`)}
        </div>
      </div>
    <//>
    <main class="pane main">${id ? html`<${Details} key=${id} id=${id} />` : html`<${Empty} icon="bell" title=${words("alerts.choose")} text=${words("alerts.choose-text")} />`}</main>`;
}

/** @param {{alert: Alert, chosen: boolean, at: number, what: string, past?: Past}} properties */
function Line({ alert, chosen, at, what, past }) {
  return html`<a class=${`alert-line line inset ${chosen ? "chosen" : ""}`} href=${`/alerts/${alert.id}`} aria-current=${chosen ? "true" : undefined}>
    <${Level} level=${alert.severity} size=${18} />
    <bdi class="alert-line-title cut">${wording(alert, language.value).headline}</bdi>
    <time title=${full(at)}>${short(at)}</time>
    <span class=${`alert-line-what ${past ? "" : "wanted"}`}>${past && html`<${Icon} name=${outcomeIcons[past.outcome]} size=${16} />`}<span class="cut">${what}</span></span>
  </a>`;
}

/** @param {{id: string}} properties */
function Details({ id }) {
  const past = pastAlerts.value.find((one) => one.alert.id === id && !isOpen(id));
  const alert = queue.value.find((one) => one.alert.id === id)?.alert ?? past?.alert;
  return html`<header class="pane-head"><a class="icon-button back" href="/alerts" aria-label=${words("back")} title=${words("back")}><${Icon} name="arrow-left" /></a>
      <h1 class="cut">${words("alert")}</h1></header>
    <div class="pane-body scrolls">
      ${!alert && (alertsLoaded.value ? html`<${Empty} icon="bell" title=${words("alerts.gone")} text=${words("alerts.gone-text")} />` : html`<${Waiting} />`)}
      ${alert && html`<article class="page"><div class="alert-card"><${AlertFace} alert=${alert} live=${!past} />
        ${past && html`<p class=${`alert-outcome ${past.outcome}`}><${Icon} name=${outcomeIcons[past.outcome]} size=${20} />
          <span class="grow">${outcome(past)}</span><time class="small muted" title=${full(past.at)}>${ago(past.at)}</time></p>`}
      </div></article>`}
    </div>`;
}

/** What became of it, in words. @param {Past} past */
function outcome({ alert, outcome, choice }) {
  if (outcome !== "answered") return words(`alerts.outcome.${outcome}`);
  const at = alert.choices.indexOf(choice ?? "");
  const shown = wording(alert, language.value).choices[at] ?? choice ?? "";
  return words("alerts.outcome.answered", { choice: shown });
}
