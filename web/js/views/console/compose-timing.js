// What people can answer, and when: at once, later, or again and again; how long, how often, and who else is told.
import { html } from "../../html.js";
import { words } from "../../words.js";
import { full } from "../../times.js";
import { Choice, Field, Segments, Switch } from "../../parts/field.js";
import { Icon } from "../../parts/icon.js";
import { span } from "../alerts-face.js";
import { AudienceBuilder } from "./compose-audience.js";
import { dayName, ruleInWords, ruleText, weekdays } from "./rule.js";

/** @typedef {import("./compose-form.js").Form} Form */
/** @typedef {{form: Form, set: (change: Partial<Form>) => void}} Properties */

const MOST_CHOICES = 9;
const LASTS = [900, 1800, 3600, 7200, 14_400, 28_800, 86_400, 259_200, 604_800];
const EVERY = [30, 60, 120, 300, 600, 900, 1800, 3600];

/** @param {Properties & {spoken: string}} properties */
export function Answering({ form, set, spoken }) {
  const other = spoken !== form.language ? form.translations[spoken] : undefined;
  const change = (/** @type {number} */ index, /** @type {string} */ text) => {
    if (other) set({ translations: { ...form.translations, [spoken]: { ...other, choices: form.choices.map((_, at) => (at === index ? text : (other.choices[at] ?? ""))) } } });
    else set({ choices: form.choices.map((choice, at) => (at === index ? text : choice)) });
  };
  const presets = [["OK"], words("compose.preset.safe").split("|"), words("compose.preset.coming").split("|"), words("compose.preset.yes").split("|")];
  return html`<section class="console-panel column"><h2>${words("compose.answers")}</h2>
    <${Switch} label=${words("compose.must-confirm")} hint=${words("compose.must-confirm-hint")} checked=${form.mustConfirm} onChange=${(/** @type {boolean} */ mustConfirm) => set({ mustConfirm })} />
    ${form.mustConfirm && html`${!other && html`<div class="presets" role="group" aria-label=${words("compose.presets")}>${presets.map((preset) => html`<button key=${preset.join()} type="button" class=${`chip ${preset.join() === form.choices.join() ? "chosen" : ""}`} onClick=${() => set({ choices: preset })}>${preset.join(" · ")}</button>`)}</div>`}
      <ol class="choice-list">${form.choices.map((choice, index) => html`<li key=${index} class="row"><input class="input" maxlength="40" lang=${spoken} value=${other ? (other.choices[index] ?? "") : choice} placeholder=${other ? choice : ""} aria-label=${words("compose.choice", { number: index + 1 })} onInput=${(/** @type {any} */ event) => change(index, event.currentTarget.value)} />
        ${!other && form.choices.length > 1 && html`<button type="button" class="icon-button small" aria-label=${words("compose.remove", { name: choice })} onClick=${() => set({ choices: form.choices.filter((_, at) => at !== index) })}><${Icon} name="x" size=${16} /></button>`}</li>`)}</ol>
      ${!other && form.choices.length < MOST_CHOICES && html`<div><button type="button" class="button quiet" onClick=${() => set({ choices: [...form.choices, ""] })}><${Icon} name="plus" size=${16} />${words("compose.add-choice")}</button></div>`}
      <${Choice} label=${words("compose.repeat")} value=${String(form.repeat)} options=${options(form.repeat, EVERY, words("compose.repeat-none"), (seconds) => words("compose.every", { time: span(seconds) }))} onChange=${(/** @type {string} */ value) => set({ repeat: Number(value) })} hint=${words("compose.repeat-hint")} />
      <${Escalation} form=${form} set=${set} />`}
  </section>`;
}

/** @param {Properties} properties */
function Escalation({ form, set }) {
  const change = (/** @type {number} */ index, /** @type {Partial<Form["escalation"][number]>} */ what) => set({ escalation: form.escalation.map((level, at) => (at === index ? { ...level, ...what } : level)) });
  return html`<fieldset class="fields"><legend>${words("escalation.title")}</legend>
    ${form.escalation.length === 0 && html`<p class="hint">${words("escalation.hint")}</p>`}
    ${form.escalation.map((level, index) => html`<div key=${index} class="escalation">
      <div class="row end wrap">
        <${Field} class="narrow" label=${words("escalation.after")} type="number" min="1" max="43200" value=${String(Math.round(level.after / 60))} onInput=${(/** @type {string} */ value) => change(index, { after: Math.max(1, Number(value)) * 60 })} />
        <${Field} class="narrow" label=${words("escalation.fewer")} value=${level.fewer} onInput=${(/** @type {string} */ fewer) => change(index, { fewer })} />
        <button type="button" class="icon-button" aria-label=${words("escalation.remove", { number: index + 1 })} onClick=${() => set({ escalation: form.escalation.filter((_, at) => at !== index) })}><${Icon} name="trash-2" size=${18} /></button>
      </div>
      <${AudienceBuilder} short value=${level.audience} onChange=${(/** @type {string} */ audience) => change(index, { audience })} />
    </div>`)}
    <div><button type="button" class="button quiet" onClick=${() => set({ escalation: [...form.escalation, { after: (form.escalation.at(-1)?.after ?? 0) + 900, fewer: "80%", audience: "" }] })}><${Icon} name="plus" size=${16} />${words("escalation.add")}</button></div>
  </fieldset>`;
}

/** @param {Properties & {problems: Record<string, string>, isFixed: boolean}} properties `isFixed`: it goes out at once */
export function Timing({ form, set, problems, isFixed }) {
  return html`<section class="console-panel column"><h2>${words("compose.when")}</h2>
    ${!isFixed && html`<${Segments} label=${words("compose.begins")} value=${form.when} options=${[["now", words("compose.now")], ["later", words("compose.later")], ["again", words("compose.again")]]} onChange=${(/** @type {Form["when"]} */ when) => set({ when, begins: form.begins || inAnHour() })} />`}
    ${form.when === "later" && html`<${Field} label=${words("compose.time")} type="datetime-local" value=${form.begins} onInput=${(/** @type {string} */ begins) => set({ begins })} problem=${problems.begins} hint=${form.begins ? full(Date.parse(form.begins)) : undefined} />`}
    ${form.when === "again" && html`<${Again} form=${form} set=${set} problems=${problems} />`}
    <div class="two">
      <${Choice} label=${words("compose.lasts")} value=${String(form.expires)} options=${options(form.expires, LASTS, words("compose.lasts-ever"), span)} onChange=${(/** @type {string} */ value) => set({ expires: Number(value) })} />
      <${Choice} label=${words("compose.lifetime")} value=${form.lifetime} options=${["until-confirmed", "now-only", "every-sign-in", "once"].map((one) => [one, words(`lifetime.${one}`)])} onChange=${(/** @type {string} */ lifetime) => set({ lifetime })} hint=${words(`lifetime.${form.lifetime}.hint`)} />
    </div>
  </section>`;
}

/** @param {Properties & {problems: Record<string, string>}} properties */
function Again({ form, set, problems }) {
  const { rule } = form;
  const change = (/** @type {Partial<import("./rule.js").Rule>} */ what) => set({ rule: { ...rule, ...what } });
  const toggle = (/** @type {string} */ day) => change({ days: rule.days.includes(day) ? rule.days.filter((one) => one !== day) : [...rule.days, day] });
  return html`<div class="column again">
    <${Field} label=${words("schedule.name")} value=${form.name} onInput=${(/** @type {string} */ name) => set({ name })} problem=${problems.name} maxlength="64" hint=${words("groups.name-hint")} />
    <div class="two">
      <${Choice} label=${words("rule.kind")} value=${rule.kind} options=${["daily", "weekly", "monthly-day", "monthly-weekday", "own"].map((kind) => [kind, words(`rule.kind.${kind}`)])} onChange=${(/** @type {any} */ kind) => change({ kind, days: kind === "monthly-weekday" ? rule.days.slice(0, 1) : rule.days, text: kind === "own" && !rule.text ? ruleText(rule) : rule.text })} />
      ${rule.kind !== "own" && html`<${Field} label=${words("rule.time")} type="time" value=${rule.time} onInput=${(/** @type {string} */ time) => time && change({ time })} />`}
    </div>
    ${rule.kind === "weekly" && html`<div class="presets" role="group" aria-label=${words("rule.days")}>${weekdays.map((day) => html`<button key=${day} type="button" class=${`chip ${rule.days.includes(day) ? "chosen" : ""}`} aria-pressed=${rule.days.includes(day)} onClick=${() => toggle(day)}>${dayName(day, "short")}</button>`)}</div>`}
    ${rule.kind === "monthly-day" && html`<${Field} label=${words("rule.day")} type="number" min="1" max="31" value=${String(rule.month)} onInput=${(/** @type {string} */ value) => change({ month: Math.min(31, Math.max(1, Number(value))) })} />`}
    ${rule.kind === "monthly-weekday" && html`<div class="two"><${Choice} label=${words("rule.which")} value=${String(rule.nth)} options=${[1, 2, 3, 4, -1].map((nth) => [String(nth), words(`rule.nth.${nth}`)])} onChange=${(/** @type {string} */ value) => change({ nth: Number(value) })} />
      <${Choice} label=${words("rule.weekday")} value=${rule.days[0] ?? "MO"} options=${weekdays.map((day) => [day, dayName(day, "long")])} onChange=${(/** @type {string} */ day) => change({ days: [day] })} /></div>`}
    ${rule.kind === "own" && html`<${Field} label=${words("rule.own")} value=${rule.text} dir="ltr" spellcheck="false" class="code-field" onInput=${(/** @type {string} */ text) => change({ text })} hint=${words("rule.own-hint")} />`}
    ${problems.rule && html`<p class="hint problem" role="alert">${problems.rule}</p>`}
    <p class="note"><${Icon} name="calendar" size=${16} /><span>${ruleInWords(ruleText(rule))}, ${words("rule.zone", { zone: zone() })}</span></p>
  </div>`;
}

/** The time zone of this machine. */
export const zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

/** Seconds to choose from, with the one that is set among them. @param {number} now @param {number[]} all @param {string} none @param {(seconds: number) => string} said @returns {[string, string][]} */
const options = (now, all, none, said) => [["0", none], ...[...new Set([...all, ...(now ? [now] : [])])].sort((one, other) => one - other).map((seconds) => /** @type {[string, string]} */ ([String(seconds), said(seconds)]))];

function inAnHour() {
  const time = new Date(Math.ceil((Date.now() + 3_600_000) / 900_000) * 900_000);
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
