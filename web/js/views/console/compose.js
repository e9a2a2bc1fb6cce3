// Writing an alert: from a template or from nothing, to whom, in which languages, when; seen first, then sent.
import { useEffect, useState } from "preact/hooks";
import { html } from "../../html.js";
import { language, words } from "../../words.js";
import { go } from "../../router.js";
import { levels } from "../../api/alerts.js";
import * as api from "../../api/console-alerts.js";
import { Choice, Field, Segments, Switch } from "../../parts/field.js";
import { Icon } from "../../parts/icon.js";
import { Waiting } from "../../parts/waiting.js";
import { levelIcons } from "../alerts-level.js";
import { Attachments } from "./compose-attachments.js";
import { AudienceBuilder, useCount } from "./compose-audience.js";
import { emptyForm, formOf, variablesIn } from "./compose-form.js";
import { Preview } from "./compose-preview.js";
import { SendBar } from "./compose-send.js";
import { Answering, Timing } from "./compose-timing.js";
import { Wordings } from "./compose-words.js";
import { severest } from "./may.js";
import { Failed, Page, useLoaded } from "./page.js";
import { parseRule } from "./rule.js";

/** @typedef {import("./compose-form.js").Form} Form */

/** How much an alert matters until somebody says so. */
const USUAL = levels.indexOf("moderate");

/** @param {{parts: string[]}} properties what to begin with, such as `draft` and an id */
export function Compose({ parts: [how, id] }) {
  const start = useLoaded(() => begin(how, id), [how, id]);
  if (start.problem) return html`<${Page} title=${words("console.place.new")}><${Failed} text=${start.problem} onAgain=${start.again} /><//>`;
  if (!start.value) return html`<${Page} title=${words("console.place.new")}><${Waiting} /><//>`;
  return html`<${Editor} key=${`${how} ${id}`} start=${start.value} how=${how} />`;
}

/** @param {{start: Form, how: string}} properties */
function Editor({ start, how }) {
  const [form, setForm] = useState(start);
  const [spoken, setSpoken] = useState(form.language);
  const [problems, setProblems] = useState(/** @type {Record<string, string>} */ ({}));
  const templates = useLoaded(() => api.templates().catch(() => []));
  const count = useCount(form.audience);
  const set = (/** @type {Partial<Form>} */ change) => {
    setForm((now) => ({ ...now, ...change }));
    setProblems((now) => Object.fromEntries(Object.entries(now).filter(([key]) => !(key in change))));
  };
  const isAlert = form.kind === "alert";
  const title = how === "update" ? words("compose.title-update") : how === "draft" ? words("compose.title-draft") : words("console.place.new");

  /** What is missing, in place; whether nothing is. */
  const check = () => {
    /** @type {Record<string, string>} */
    const found = {};
    if (!form.headline.trim()) found.headline = words("compose.needs-headline");
    if (!form.audience) found.audience = words("compose.needs-audience");
    if (form.when === "later" && !(Date.parse(form.begins) > Date.now())) found.begins = words("compose.needs-time");
    if (form.when === "again" && !/^[\p{L}\p{N}._-]{1,64}$/u.test(form.name)) found.name = words("compose.needs-name");
    if (form.when === "again" && form.rule.kind === "weekly" && !form.rule.days.length) found.rule = words("compose.needs-days");
    const left = form.variables.filter((name) => variablesIn(form).includes(name) && !form.values[name]?.trim());
    if (left.length) found.values = words("compose.needs-values", { names: left.join(", ") });
    setProblems(found);
    if (Object.keys(found).length) setTimeout(() => document.querySelector(".compose [aria-invalid=true], .compose .hint.problem")?.scrollIntoView({ block: "center" }));
    return Object.keys(found).length === 0;
  };

  return html`<${Page} title=${title} width="wide" up="/console/overview">
    <div class="compose">
      <div class="compose-form">
        ${how === "update" && html`<p class="note"><${Icon} name="refresh-cw" size=${16} />${words("compose.update-note")}</p>`}
        <section class="console-panel column">
          <div class="compose-begin">
            <${Segments} label=${words("compose.kind")} value=${form.kind} options=${[["alert", words("alert")], ["announcement", words("announcement")]]} onChange=${(/** @type {Form["kind"]} */ kind) => set({ kind, severity: kind === "announcement" ? "information" : form.severity, expires: kind === "announcement" ? 0 : form.expires || 7200 })} />
            ${(templates.value?.length ?? 0) > 0 && !how && html`<${Choice} label=${words("compose.template")} value="" options=${[["", words("compose.template-none")], ...(templates.value ?? []).map((one) => [one.name, one.name])]} onChange=${(/** @type {string} */ name) => name && go(`/console/new/template/${encodeURIComponent(name)}`)} />`}
          </div>
          ${form.variables.length > 0 && html`<fieldset class="fields"><legend>${words("compose.variables")}</legend>
            ${form.variables.map((name) => html`<${Field} key=${name} label=${name} value=${form.values[name] ?? ""} onInput=${(/** @type {string} */ value) => set({ values: { ...form.values, [name]: value } })} />`)}
            ${problems.values && html`<p class="hint problem" role="alert">${problems.values}</p>`}</fieldset>`}
          <${Levels} value=${form.severity} onChange=${(/** @type {Form["severity"]} */ severity) => set({ severity })} />
        </section>
        <${Wordings} form=${form} set=${set} spoken=${spoken} onSpoken=${setSpoken} problem=${problems.headline} />
        <section class="console-panel column"><h2>${words("compose.whom")}</h2>
          <${AudienceBuilder} value=${form.audience} onChange=${(/** @type {string} */ audience) => set({ audience })} count=${count} problem=${problems.audience} /></section>
        ${isAlert && html`<${Answering} form=${form} set=${set} spoken=${spoken} />`}
        <${Timing} form=${form} set=${set} problems=${problems} isFixed=${how === "update"} />
        <section class="console-panel column"><h2>${words("compose.more")}</h2>
          <${Field} label=${words("compose.link")} type="url" value=${form.link} onInput=${(/** @type {string} */ link) => set({ link })} placeholder="https://" hint=${words("compose.link-hint")} />
          <${Attachments} those=${form.attachments} onChange=${(/** @type {(those: string[]) => string[]} */ change) => setForm((now) => ({ ...now, attachments: change(now.attachments) }))} />
          <${Switch} label=${words("compose.drill")} hint=${words("compose.drill-hint")} checked=${form.drill} onChange=${(/** @type {boolean} */ drill) => set({ drill })} />
        </section>
      </div>
      <${Preview} form=${form} spoken=${spoken} onSpoken=${setSpoken} />
    </div>
    <${SendBar} form=${form} count=${count} check=${check} />
  <//>`;
}

/** @param {{value: Form["severity"], onChange: (level: any) => void}} properties */
function Levels({ value, onChange }) {
  return html`<fieldset class="levels"><legend>${words("compose.level")}</legend><div class="levels-row">
    ${levels.slice(0, Math.max(severest(), levels.indexOf(value)) + 1).map((level) => html`<label key=${level} class=${`level-choice ${level} ${level === value ? "chosen" : ""}`}>
      <input type="radio" class="unseen" name="level" checked=${level === value} onChange=${() => onChange(level)} />
      <span class=${`level ${level}`}><${Icon} name=${levelIcons[level]} size=${20} /><span>${words(`level.${level}`)}</span></span></label>`)}
  </div><p class="hint">${words(`compose.level.${value}`)}</p></fieldset>`;
}

/** What the page begins with. @param {string} how @param {string} id @returns {Promise<Form>} */
async function begin(how, id) {
  const own = language.value;
  if (how === "template") {
    const template = (await api.templates()).find((one) => one.name === id);
    if (!template) throw new Error(words("compose.no-template"));
    return { ...formOf(template.draft, own, template.expires_after_seconds ?? 0), variables: template.variables };
  }
  if (how === "schedule") {
    const schedule = (await api.schedules()).find((one) => one.name === id);
    if (!schedule) throw new Error(words("compose.no-schedule"));
    return { ...formOf(schedule.draft, own, schedule.expires_after_seconds ?? 0), when: "again", name: schedule.name, rule: parseRule(schedule.rule) };
  }
  if (how === "draft" || how === "copy" || how === "update") {
    const form = formOf(await api.show(id), own);
    return { ...form, draft: how === "draft" ? id : "", updates: how === "update" ? id : "" };
  }
  return { ...emptyForm(own), severity: levels[Math.min(USUAL, Math.max(0, severest()))] };
}
