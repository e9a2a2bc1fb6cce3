// Alerts that are sent again and again.
import { useState } from "preact/hooks";
import { html } from "../../html.js";
import { words } from "../../words.js";
import { full } from "../../times.js";
import * as api from "../../api/console-alerts.js";
import { toast, toastProblem } from "../../store/toasts.js";
import { Button, IconButton } from "../../parts/button.js";
import { Empty } from "../../parts/empty.js";
import { Icon } from "../../parts/icon.js";
import { Waiting } from "../../parts/waiting.js";
import { Level } from "../alerts-level.js";
import { audienceInWords } from "./audience-words.js";
import { may, mayChange } from "./may.js";
import { Marks } from "./overview.js";
import { Ask, Failed, Page, useLoaded } from "./page.js";
import { ruleInWords } from "./rule.js";

/** @typedef {import("../../api/console-alerts.js").Schedule} Schedule */

export function Schedules() {
  const { value, problem, again } = useLoaded(() => api.schedules());
  const [dropped, setDropped] = useState(/** @type {Schedule | null} */ (null));
  const pause = async (/** @type {Schedule} */ one) => {
    try {
      await api.pauseSchedule(one.name, !one.paused);
      toast(words(one.paused ? "schedule.resumed" : "schedule.paused-done", { name: one.name }));
      await again();
    } catch (error) {
      toastProblem(error);
    }
  };
  return html`<${Page} title=${words("console.place.schedules")} lead=${words("schedule.lead")}>
    ${problem && html`<${Failed} text=${problem} onAgain=${again} />`}
    ${!value && !problem && html`<${Waiting} />`}
    ${value?.length === 0 && html`<${Empty} icon="calendar" title=${words("schedule.empty")} text=${words("schedule.empty-text")}>${may("publish") && html`<a class="button primary" href="/console/new">${words("console.place.new")}</a>`}<//>`}
    ${value && value.length > 0 && html`<ul class="console-lines">${value.map((one) => html`<li key=${one.name} class=${one.paused ? "paused" : ""}>
      <a class="console-line-main" href=${mayChange(one.draft.issuer) ? `/console/new/schedule/${encodeURIComponent(one.name)}` : undefined}>
        <span class="row wrap"><${Level} level=${one.draft.severity} announcement=${one.draft.kind === "announcement"} /><bdi class="strong">${one.draft.headline}</bdi><${Marks} alert=${one.draft} />${one.paused && html`<span class="alert-mark">${words("schedule.paused")}</span>`}</span>
        <span>${ruleInWords(one.rule)} <span class="muted small">(${one.zone})</span></span>
        <span class="small muted"><bdi>${one.name}</bdi> · ${words("overview.to", { audience: audienceInWords(one.draft.audience) })} · ${one.paused ? words("schedule.paused") : one.next_at ? words("schedule.next", { time: full(Date.parse(one.next_at)) }) : words("schedule.over")}</span>
        ${one.note && html`<span class="hint problem">${one.note}</span>`}
      </a>
      ${mayChange(one.draft.issuer) && html`<${Button} icon=${one.paused ? "play" : "pause"} onClick=${() => pause(one)}>${words(one.paused ? "schedule.resume" : "schedule.pause")}<//>
      <${IconButton} icon="trash-2" size=${18} label=${words("schedule.delete", { name: one.name })} onClick=${() => setDropped(one)} />`}</li>`)}</ul>`}
    ${dropped && html`<${Ask} danger title=${words("schedule.delete", { name: dropped.name })} text=${words("schedule.delete-text")} submit=${words("delete")} onClose=${() => setDropped(null)} act=${async () => { await api.removeSchedule(dropped.name); await again(); }} />`}
  <//>`;
}
