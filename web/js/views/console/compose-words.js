// The words of an alert, in one language after another.
import { html } from "../../html.js";
import { languages, words } from "../../words.js";
import { Field } from "../../parts/field.js";
import { Menu } from "../../parts/menu.js";
import { Icon } from "../../parts/icon.js";
import { languageName } from "../alerts-face.js";

/** @typedef {import("./compose-form.js").Form} Form */

const HEADLINE = 200;
/** Languages that are offered beside those of the client. */
const OTHERS = ["ca", "de", "eu", "fr", "gl", "it", "pl", "pt", "ro", "ru", "ar", "tr", "uk", "zh"];

/** @param {{form: Form, set: (change: Partial<Form>) => void, spoken: string, onSpoken: (language: string) => void, problem?: string}} properties */
export function Wordings({ form, set, spoken, onSpoken, problem }) {
  const isMain = spoken === form.language || !form.translations[spoken];
  const now = isMain ? form : form.translations[spoken];
  const change = (/** @type {{headline?: string, text?: string}} */ what) =>
    isMain ? set(what) : set({ translations: { ...form.translations, [spoken]: { ...form.translations[spoken], ...what } } });
  const tags = Object.keys(form.translations);
  const add = (/** @type {string} */ tag) => {
    set({ translations: { ...form.translations, [tag]: { headline: "", text: "", choices: form.choices.map(() => "") } } });
    onSpoken(tag);
  };
  const drop = () => {
    const { [spoken]: _, ...rest } = form.translations;
    set({ translations: rest });
    onSpoken(form.language);
  };
  const free = [...Object.keys(languages), ...OTHERS].filter((tag) => tag !== form.language && !tags.includes(tag));

  return html`<section class="console-panel column"><h2>${words("compose.words")}</h2>
    <div class="wordings" role="group" aria-label=${words("alert.languages")}>
      ${[form.language, ...tags].map((tag) => html`<button key=${tag} type="button" class=${`chip ${(isMain ? form.language : spoken) === tag ? "chosen" : ""}`} aria-pressed=${(isMain ? form.language : spoken) === tag} lang=${tag} onClick=${() => onSpoken(tag)}>${languageName(tag)}${form.translations[tag] && !form.translations[tag].headline.trim() && html`<span class="unseen"> ${words("compose.empty")}</span><span class="dot pending"></span>`}</button>`)}
      <${Menu} label=${words("compose.add-language")} button=${(/** @type {any} */ opener) => html`<button type="button" class="chip" ...${opener}><${Icon} name="plus" size=${14} />${words("compose.add-language")}</button>`} entries=${free.slice(0, 12).map((tag) => ({ label: languageName(tag), act: () => add(tag) }))} />
    </div>
    <${Field} label=${words("compose.headline")} value=${now.headline} lang=${spoken} maxlength=${HEADLINE} problem=${isMain ? problem : undefined} placeholder=${isMain ? words("compose.headline-example") : form.headline} onInput=${(/** @type {string} */ headline) => change({ headline })} hint=${words("compose.characters", { count: HEADLINE - [...now.headline].length })} />
    <${Field} label=${words("compose.text")} value=${now.text} lang=${spoken} rows=${form.kind === "announcement" ? 9 : 4} maxlength=${form.kind === "announcement" ? 20000 : 4000} placeholder=${isMain ? words("compose.text-example") : form.text} onInput=${(/** @type {string} */ text) => change({ text })} hint=${form.kind === "announcement" ? words("compose.marked-hint") : undefined} />
    ${!isMain && html`<div><button type="button" class="button quiet" onClick=${drop}>${words("compose.drop-language", { language: languageName(spoken) })}</button></div>`}
  </section>`;
}
