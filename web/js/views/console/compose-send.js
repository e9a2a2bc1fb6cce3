// Sending: to oneself first, then to all after a look at what it is and how many it reaches; or keeping it.
import { useState } from "preact/hooks";
import { html } from "../../html.js";
import { words } from "../../words.js";
import { full } from "../../times.js";
import { go } from "../../router.js";
import * as api from "../../api/console-alerts.js";
import { isAdministrator, session } from "../../store/session.js";
import { toast, toastProblem } from "../../store/toasts.js";
import { Button } from "../../parts/button.js";
import { Field } from "../../parts/field.js";
import { Icon } from "../../parts/icon.js";
import { Menu } from "../../parts/menu.js";
import { Level } from "../alerts-level.js";
import { audienceInWords } from "./audience-words.js";
import { newAlert, variablesIn } from "./compose-form.js";
import { zone } from "./compose-timing.js";
import { Ask } from "./page.js";
import { ruleInWords, ruleText } from "./rule.js";

/** @typedef {import("./compose-form.js").Form} Form */

/** @param {{form: Form, count: import("./compose-audience.js").Counted, check: () => boolean}} properties */
export function SendBar({ form, count, check }) {
  const [asked, setAsked] = useState("");
  const [busy, setBusy] = useState("");
  const needsRelease = session.value?.release?.includes(form.severity);
  const people = count.count?.people ?? 0;
  const what = words(form.kind === "alert" ? "send.alert" : "send.announcement", { count: people });
  const label = form.when === "again" ? words("send.schedule") : form.when === "later" ? words("send.plan", { count: people }) : what;

  const toMe = async () => {
    if (!form.headline.trim()) return void check();
    setBusy("me");
    try {
      const { updates: _, begins_at: __, escalation: ___, ...alert } = newAlert(form);
      await api.sendAlert({ ...alert, audience: form.audience || "everyone", test: true, ...(!form.expires && { expires_in_seconds: 600 }) });
      toast(words("send.to-me-done"));
    } catch (error) {
      toastProblem(error);
    }
    setBusy("");
  };
  const keep = async () => {
    setBusy("draft");
    try {
      const alert = { ...newAlert(form, { keepVariables: true }), draft: true };
      await (form.draft ? api.changeDraft(form.draft, alert) : api.sendAlert(alert));
      toast(words("send.draft-done"));
      go("/console/drafts");
    } catch (error) {
      toastProblem(error);
    }
    setBusy("");
  };
  const send = async () => {
    if (form.when === "again") {
      await api.putSchedule(form.name, { alert: newAlert(form), rule: ruleText(form.rule), zone: zone(), starts_at: fullMinute() });
      toast(words("send.schedule-done"));
      return go("/console/schedules");
    }
    const sent = form.draft ? await sendDraft(form) : await api.sendAlert(newAlert(form));
    toast(words(sent.status === "waiting" ? "send.waits" : sent.status === "planned" ? "send.planned" : "send.done"));
    go(`/console/alert/${sent.id}`);
  };

  return html`<div class="send-bar"><div class="send-inside">
    <${Button} icon="eye" busy=${busy === "me"} onClick=${toMe}>${words("send.to-me")}<//>
    <${Menu} up label=${words("send.keep")} entries=${[{ label: words("send.draft"), icon: "pencil", act: keep }, isAdministrator.value && { label: words("send.template"), icon: "clipboard-list", act: () => form.headline.trim() ? setAsked("template") : check() }]} />
    <span class="grow"></span>
    <${Button} kind="primary" icon=${form.when === "now" ? "send" : "calendar"} onClick=${() => check() && setAsked("send")}>${label}<//>
  </div>
  ${asked === "send" && html`<${Ask} title=${words("send.title")} submit=${label} onClose=${() => setAsked("")} act=${send} text=${html`<div class="column review">
      <${Level} level=${form.severity} size=${18} announcement=${form.kind === "announcement"} />
      <p class="review-headline"><bdi>${newAlert(form).headline}</bdi></p>
      <p>${count.count ? html`<strong>${words("audience.people", { count: people })}</strong> <span class="muted">${audienceInWords(form.audience)}; ${words("audience.reachable", { count: count.count.reachable })}</span>` : html`<strong>${audienceInWords(form.audience)}</strong>`}</p>
      ${form.when === "later" && html`<p>${words("send.begins", { time: full(Date.parse(form.begins)) })}</p>`}
      ${form.when === "again" && html`<p>${ruleInWords(ruleText(form.rule))}</p>`}
      ${form.drill && html`<p class="note">${words("compose.drill-hint")}</p>`}
      ${needsRelease && html`<p class="note"><${Icon} name="list-checks" size=${16} /><span>${words("send.release")}</span></p>`}
      ${count.count && people === 0 && !count.count.computers && html`<p class="note problem">${words("send.nobody")}</p>`}
    </div>`} />`}
  ${asked === "template" && html`<${AsTemplate} form=${form} onClose=${() => setAsked("")} />`}
  </div>`;
}

/** The next full minute by the clock of this machine: a rule takes its seconds from where it starts. */
function fullMinute() {
  const next = new Date(Date.now() + 60_000);
  return `${new Date(next.getTime() - next.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)}:00`;
}

/** Sends what was kept as a draft, as it is now. @param {Form} form */
async function sendDraft(form) {
  await api.changeDraft(form.draft, { ...newAlert(form), draft: true });
  return api.sendDraft(form.draft);
}

/** @param {{form: Form, onClose: () => void}} properties */
function AsTemplate({ form, onClose }) {
  const [name, setName] = useState("");
  const variables = variablesIn(form);
  const act = async () => {
    const { updates: _, begins_at: __, ...alert } = newAlert(form, { keepVariables: true });
    await api.putTemplate(name.trim(), { variables, alert });
    toast(words("send.template-done"));
    go("/console/templates");
  };
  return html`<${Ask} title=${words("send.template")} submit=${words("save")} onClose=${onClose} act=${act} text=${html`<p>${variables.length ? words("template.variables", { names: variables.join(", ") }) : words("template.variables-hint")}</p>`}>
    <${Field} label=${words("template.name")} value=${name} onInput=${setName} maxlength="64" hint=${words("groups.name-hint")} /><//>`;
}
