// Alerts with gaps, ready for the day when there is no time to write.
import { useState } from "preact/hooks";
import { html } from "../../html.js";
import { words } from "../../words.js";
import * as api from "../../api/console-alerts.js";
import { isAdministrator } from "../../store/session.js";
import { IconButton } from "../../parts/button.js";
import { Empty } from "../../parts/empty.js";
import { Icon } from "../../parts/icon.js";
import { Waiting } from "../../parts/waiting.js";
import { Level } from "../alerts-level.js";
import { audienceInWords } from "./audience-words.js";
import { may } from "./may.js";
import { Ask, Failed, Page, useLoaded } from "./page.js";

export function Templates() {
  const { value, problem, again } = useLoaded(() => api.templates());
  const [dropped, setDropped] = useState("");
  return html`<${Page} title=${words("console.place.templates")} lead=${words("template.lead")}>
    ${problem && html`<${Failed} text=${problem} onAgain=${again} />`}
    ${!value && !problem && html`<${Waiting} />`}
    ${value?.length === 0 && html`<${Empty} icon="clipboard-list" title=${words("template.empty")} text=${words("template.empty-text")}>${may("publish") && html`<a class="button primary" href="/console/new">${words("console.place.new")}</a>`}<//>`}
    ${value && value.length > 0 && html`<ul class="console-lines">${value.map((one) => html`<li key=${one.name}>
      <a class="console-line-main" href=${may("publish") ? `/console/new/template/${encodeURIComponent(one.name)}` : undefined}>
        <span class="row wrap"><${Level} level=${one.draft.severity} announcement=${one.draft.kind === "announcement"} /><bdi class="strong">${one.name}</bdi></span>
        <bdi>${one.draft.headline}</bdi>
        <span class="small muted">${words("overview.to", { audience: audienceInWords(one.draft.audience) })}${one.variables.length > 0 ? ` · ${words("template.variables", { names: one.variables.join(", ") })}` : ""}</span>
      </a>
      ${may("publish") && html`<a class="button" href=${`/console/new/template/${encodeURIComponent(one.name)}`}><${Icon} name="megaphone" size=${16} /><span>${words("template.use")}</span></a>`}
      ${isAdministrator.value && html`<${IconButton} icon="trash-2" size=${18} label=${words("template.delete", { name: one.name })} onClick=${() => setDropped(one.name)} />`}</li>`)}</ul>`}
    ${dropped && html`<${Ask} danger title=${words("template.delete", { name: dropped })} text=${words("template.delete-text")} submit=${words("delete")} onClose=${() => setDropped("")} act=${async () => { await api.removeTemplate(dropped); await again(); }} />`}
  <//>`;
}
