// Alerts that wait for a second person, and those that are only written down.
import { useState } from "preact/hooks";
import { html } from "../../html.js";
import { language, words } from "../../words.js";
import { ago } from "../../times.js";
import { wording } from "../../api/alerts.js";
import * as api from "../../api/console-alerts.js";
import { Button, IconButton } from "../../parts/button.js";
import { Empty } from "../../parts/empty.js";
import { Icon } from "../../parts/icon.js";
import { Waiting } from "../../parts/waiting.js";
import { AlertFace } from "../alerts-face.js";
import { Level } from "../alerts-level.js";
import { audienceInWords } from "./audience-words.js";
import { Release } from "./board.js";
import { mayChange } from "./may.js";
import { Marks } from "./overview.js";
import { Ask, Failed, Page, useLoaded } from "./page.js";

/** @typedef {import("../../api/alerts.js").Alert} Alert */

export function Released() {
  const { value, problem, again } = useLoaded(() => api.list("waiting"));
  const [cancelled, setCancelled] = useState(/** @type {Alert | null} */ (null));
  return html`<${Page} title=${words("console.place.waiting")} lead=${words("release.lead")}>
    ${problem && html`<${Failed} text=${problem} onAgain=${again} />`}
    ${!value && !problem && html`<${Waiting} />`}
    ${value?.items.length === 0 && html`<${Empty} icon="list-checks" title=${words("release.empty")} text=${words("release.empty-text")} />`}
    ${value?.items.map((alert) => html`<article key=${alert.id} class="column"><div class="alert-card"><${AlertFace} alert=${alert} /></div>
      <p class="small muted">${words("overview.to", { audience: audienceInWords(alert.audience) })}</p>
      <${Release} alert=${alert} onDone=${again} />
      <div class="row"><a class="button" href=${`/console/alert/${alert.id}`}>${words("release.look")}</a>${mayChange(alert.issuer) && html`<${Button} kind="danger" onClick=${() => setCancelled(alert)}>${words("release.refuse")}<//>`}</div></article>`)}
    ${cancelled && html`<${Ask} danger title=${words("release.refuse-title")} text=${words("release.refuse-text", { headline: cancelled.headline })} submit=${words("release.refuse")} onClose=${() => setCancelled(null)} act=${async () => { await api.cancel(cancelled.id); await again(); }} />`}
  <//>`;
}

export function Drafts() {
  const { value, problem, again } = useLoaded(() => api.list("draft"));
  const [dropped, setDropped] = useState(/** @type {Alert | null} */ (null));
  return html`<${Page} title=${words("console.place.drafts")}>
    ${problem && html`<${Failed} text=${problem} onAgain=${again} />`}
    ${!value && !problem && html`<${Waiting} />`}
    ${value?.items.length === 0 && html`<${Empty} icon="pencil" title=${words("drafts.empty")} text=${words("drafts.empty-text")}><a class="button primary" href="/console/new">${words("console.place.new")}</a><//>`}
    ${value && value.items.length > 0 && html`<ul class="console-lines">${value.items.map((alert) => html`<li key=${alert.id}>
      <a class="console-line-main" href=${`/console/new/draft/${alert.id}`}><span class="row"><${Level} level=${alert.severity} announcement=${alert.kind === "announcement"} /><bdi class="strong cut">${wording(alert, language.value).headline}</bdi><${Marks} alert=${alert} /></span>
        <span class="small muted">${words("overview.to", { audience: audienceInWords(alert.audience) })} · <bdi>${alert.issuer}</bdi> · ${ago(Date.parse(alert.effective_at))}</span></a>
      <${IconButton} icon="trash-2" size=${18} label=${words("drafts.delete")} onClick=${() => setDropped(alert)} /></li>`)}</ul>`}
    ${dropped && html`<${Ask} danger title=${words("drafts.delete")} text=${html`<bdi>${dropped.headline}</bdi>`} submit=${words("drafts.delete")} onClose=${() => setDropped(null)} act=${async () => { await api.deleteDraft(dropped.id); await again(); }} />`}
  <//>`;
}
