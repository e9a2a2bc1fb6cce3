// What is going on: alerts in force with how far they have come, and those that are over.
import { useEffect, useState } from "preact/hooks";
import { html } from "../../html.js";
import { language, words } from "../../words.js";
import { ago, full } from "../../times.js";
import { wording } from "../../api/alerts.js";
import * as api from "../../api/console-alerts.js";
import { toastProblem } from "../../store/toasts.js";
import { Button } from "../../parts/button.js";
import { Empty } from "../../parts/empty.js";
import { Icon } from "../../parts/icon.js";
import { Waiting } from "../../parts/waiting.js";
import { Level } from "../alerts-level.js";
import { TimeLeft } from "../alerts-face.js";
import { audienceInWords } from "./audience-words.js";
import { Bar } from "./board-bar.js";
import { may } from "./may.js";
import { Failed, Page, useLoaded } from "./page.js";

/** @typedef {import("../../api/alerts.js").Alert} Alert */

export function Overview() {
  const open = useLoaded(() => api.list("open"));
  const rest = useLoaded(() => api.list("ended", 20));
  const planned = useLoaded(() => api.list("planned"));
  const mayPublish = may("publish");
  const fresh = mayPublish && html`<a class="button primary" href="/console/new"><${Icon} name="megaphone" size=${16} /><span>${words("console.place.new")}</span></a>`;
  if (open.problem) return html`<${Page} title=${words("console.place.overview")}><${Failed} text=${open.problem} onAgain=${open.again} /><//>`;
  const more = async () => {
    if (!rest.value?.next) return;
    const page = await api.more(rest.value.next);
    rest.set({ items: [...rest.value.items, ...page.items], next: page.next });
  };
  const nothing = open.value?.items.length === 0 && rest.value?.items.length === 0 && planned.value?.items.length === 0;
  return html`<${Page} title=${words("console.place.overview")} actions=${fresh} width="full">
    ${(!open.value || !rest.value) && html`<${Waiting} />`}
    ${nothing && html`<${Empty} icon="megaphone" title=${words("overview.empty")} text=${words("overview.empty-text")}>${fresh}<//>`}
    ${open.value && open.value.items.length > 0 && html`<section class="column"><h2>${words("overview.open")}</h2>
      <div class="cards">${open.value.items.map((alert) => html`<${Card} key=${alert.id} alert=${alert} />`)}</div></section>`}
    <div class="overview-lists">
      ${planned.value && planned.value.items.length > 0 && html`<section class="column"><h2>${words("overview.planned")}</h2><${Lines} alerts=${planned.value.items} /></section>`}
      ${rest.value && rest.value.items.length > 0 && html`<section class="column"><h2>${words("overview.ended")}</h2><${Lines} alerts=${rest.value.items} />
        ${rest.value.next && html`<${Button} kind="quiet" onClick=${() => more().catch(toastProblem)}>${words("more")}<//>`}</section>`}
    </div>
  <//>`;
}

/** @param {{alert: Alert}} properties */
function Card({ alert }) {
  const [counts, setCounts] = useState(/** @type {import("../../api/console-alerts.js").Counts | null} */ (null));
  useEffect(() => api.watch(alert.id, (report) => setCounts(report.counts)), [alert.id]);
  return html`<a class="console-card" href=${`/console/alert/${alert.id}`}>
    <span class="row"><${Level} level=${alert.severity} announcement=${alert.kind === "announcement"} /><${Marks} alert=${alert} /><span class="grow"></span><span class="small muted"><${TimeLeft} alert=${alert} live /></span></span>
    <strong class="console-card-title"><bdi>${wording(alert, language.value).headline}</bdi></strong>
    <span class="small muted">${words("overview.to", { audience: audienceInWords(alert.audience) })} · <time title=${full(Date.parse(alert.effective_at))}>${ago(Date.parse(alert.effective_at))}</time></span>
    <${Bar} counts=${counts} />
    <span class="small figures">${!counts ? words("waiting") : alert.must_confirm ? words("board.short", { count: counts.confirmed, all: counts.recipients }) : words("board.short-seen", { count: counts.seen + counts.confirmed, all: counts.recipients })}</span>
  </a>`;
}

/** @param {{alerts: Alert[]}} properties */
export function Lines({ alerts }) {
  return html`<div class="table-place"><table class="table links">
    <thead><tr><th scope="col">${words("overview.what")}</th><th scope="col" class="wide-only">${words("overview.whom")}</th><th scope="col" class="wide-only">${words("overview.status")}</th><th scope="col" class="number">${words("overview.when")}</th></tr></thead>
    <tbody>${alerts.map((alert) => html`<tr key=${alert.id}>
      <td><a class="row cell-link" href=${`/console/alert/${alert.id}`}><${Level} level=${alert.severity} announcement=${alert.kind === "announcement"} /><bdi class="strong">${wording(alert, language.value).headline}</bdi><${Marks} alert=${alert} /></a></td>
      <td class="wide-only">${audienceInWords(alert.audience)}</td><td class="wide-only">${words(`status.${alert.status}`)}</td>
      <td class="number"><time title=${full(Date.parse(alert.effective_at))}>${ago(Date.parse(alert.effective_at))}</time></td></tr>`)}</tbody>
  </table></div>`;
}

/** @param {{alert: Alert}} properties */
export function Marks({ alert }) {
  return html`${alert.drill && html`<span class="alert-mark">${words("alert.drill")}</span>`}${alert.test && html`<span class="alert-mark">${words("console.test")}</span>`}`;
}
