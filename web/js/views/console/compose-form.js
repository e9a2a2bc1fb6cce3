// What the page that writes alerts knows, and how it becomes what the service takes.

/** @typedef {import("../../api/alerts.js").Alert} Alert */
/** @typedef {import("../../api/alerts.js").Level} Level */
/** @typedef {import("./rule.js").Rule} Rule */

/**
 * @typedef {object} Form
 * @property {"alert" | "announcement"} kind
 * @property {Level} severity
 * @property {string} headline
 * @property {string} text
 * @property {string} language
 * @property {Record<string, {headline: string, text: string, choices: string[]}>} translations
 * @property {string[]} choices
 * @property {boolean} mustConfirm
 * @property {string} audience
 * @property {number} expires seconds; 0: never
 * @property {string} lifetime
 * @property {"now" | "later" | "again"} when
 * @property {string} begins a local time, as fields of the browser have it
 * @property {Rule} rule
 * @property {string} name of the schedule
 * @property {number} repeat seconds; 0: not
 * @property {{after: number, fewer: string, audience: string}[]} escalation
 * @property {boolean} drill
 * @property {string} link
 * @property {string[]} attachments
 * @property {string} updates the alert whose place it takes
 * @property {string} draft the draft that it was
 * @property {string[]} variables of the template that it began with
 * @property {Record<string, string>} values of them
 */

/** @param {string} language @returns {Form} */
export const emptyForm = (language) => ({
  kind: "alert", severity: "moderate", headline: "", text: "", language, translations: {}, choices: ["OK"], mustConfirm: true,
  audience: "", expires: 7200, lifetime: "until-confirmed", when: "now", begins: "", rule: { kind: "weekly", days: ["MO"], month: 1, nth: 1, time: "12:00", text: "" },
  name: "", repeat: 0, escalation: [], drill: false, link: "", attachments: [], updates: "", draft: "", variables: [], values: {},
});

/**
 * A form that says what an alert, a template or a schedule says.
 * @param {any} alert
 * @param {string} language
 * @param {number | null} [expires]
 * @returns {Form}
 */
export function formOf(alert, language, expires) {
  const lasts = alert.expires_at ? Math.max(60, Math.round((Date.parse(alert.expires_at) - Date.parse(alert.effective_at ?? alert.begins_at ?? new Date().toISOString())) / 1000)) : 0;
  return {
    ...emptyForm(language),
    kind: alert.kind ?? "alert", severity: alert.severity, headline: alert.headline, text: alert.text, language: alert.language ?? language,
    translations: Object.fromEntries(Object.entries(alert.translations ?? {}).map(([tag, words]) => [tag, { headline: words.headline, text: words.text ?? "", choices: words.choices ?? [] }])), choices: [...alert.choices], mustConfirm: alert.must_confirm, audience: alert.audience,
    expires: expires ?? lasts, lifetime: alert.lifetime ?? "until-confirmed", repeat: alert.repeat_seconds ?? 0,
    escalation: (alert.escalation ?? []).map((/** @type {any} */ level) => ({ after: level.after_seconds, fewer: level.fewer_than, audience: level.audience })),
    drill: alert.drill ?? false, link: alert.link ?? "", attachments: alert.attachments ?? [],
  };
}

/**
 * What the service takes. Values of variables stand in their places already, unless they are to stay.
 * @param {Form} form
 * @param {{keepVariables?: boolean}} [how]
 */
export function newAlert(form, { keepVariables = false } = {}) {
  const said = (/** @type {string} */ text) => (keepVariables || !form.variables.length ? text : filled(text, form.values));
  const mustConfirm = form.kind === "alert" && form.mustConfirm;
  const choices = form.choices.map((choice) => choice.trim()).filter(Boolean);
  const translations = Object.entries(form.translations)
    .filter(([, words]) => words.headline.trim())
    .map(([tag, words]) => [tag, { headline: said(words.headline.trim()), text: said(words.text), ...(mustConfirm && words.choices.filter(Boolean).length === choices.length && { choices: words.choices.map(said) }) }]);
  return {
    headline: said(form.headline.trim()), text: said(form.text), severity: form.severity, audience: form.audience, kind: form.kind, language: form.language,
    must_confirm: mustConfirm, lifetime: form.lifetime, ...(mustConfirm && choices.length && { choices: choices.map(said) }),
    ...(translations.length && { translations: Object.fromEntries(translations) }),
    ...(form.expires && { expires_in_seconds: form.expires }),
    ...(mustConfirm && form.repeat && { repeat_seconds: form.repeat }),
    ...(mustConfirm && form.escalation.length && { escalation: form.escalation.filter((level) => level.audience).map((level) => ({ after_seconds: level.after, fewer_than: level.fewer, audience: level.audience })) }),
    ...(form.drill && { drill: true }), ...(form.link.trim() && { link: form.link.trim() }),
    ...(form.attachments.length && { attachments: form.attachments }), ...(form.updates && { updates: form.updates }),
    ...(form.when === "later" && form.begins && { begins_at: new Date(form.begins).toISOString() }),
  };
}

/** An alert as it would be shown, for the preview. @param {Form} form @param {string} issuer @returns {Alert} */
export function previewOf(form, issuer) {
  const alert = newAlert(form);
  const now = Date.now();
  return /** @type {Alert} */ ({
    id: "preview", status: "draft", issuer, effective_at: new Date(now).toISOString(), expires_at: form.expires ? new Date(now + form.expires * 1000).toISOString() : null,
    state: { kind: "draft" }, translations: {}, escalation: [], progress: {}, attachments: [], drill: false, test: false, updates: null, signature: "", repeat_seconds: null, link: null,
    ...alert, choices: alert.choices || ["OK"],
  });
}

/** The names in a text's places. @param {Form} form */
export function variablesIn(form) {
  const all = [form.headline, form.text, ...form.choices, ...Object.values(form.translations).flatMap((words) => [words.headline, words.text, ...words.choices])];
  return [...new Set(all.flatMap((text) => [...text.replaceAll("{{", "").matchAll(/\{([a-z][a-z0-9_-]*)\}/gi)].map((match) => match[1])))];
}

/** @param {string} text @param {Record<string, string>} values */
const filled = (text, values) => text.replace(/\{\{|\}\}|\{([^{}]+)\}/g, (whole, name) => (whole === "{{" ? "{" : whole === "}}" ? "}" : values[name]?.trim() || whole));
