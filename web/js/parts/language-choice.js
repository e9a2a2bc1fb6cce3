// Another language, at once.
import { html } from "../html.js";
import { language, languages, loadWords, words } from "../words.js";
import { change } from "../store/settings.js";

export function LanguageChoice() {
  return html`<label class="language-choice"><span class="unseen">${words("settings.language")}</span>
    <select class="input quiet" value=${language.value} onChange=${choose}>
      ${Object.entries(languages).map(([key, name]) => html`<option key=${key} value=${key} lang=${key} selected=${key === language.value}>${name}</option>`)}
    </select></label>`;
}

/** @param {any} event */
async function choose(event) {
  change({ language: event.currentTarget.value });
  await loadWords();
}
