// What is configured, and what it means. It is written in the configuration file, and read here.
import { useState } from "preact/hooks";
import { html } from "../../html.js";
import { hasWords, language, locale, words } from "../../words.js";
import { size } from "../../times.js";
import * as api from "../../api/console-service.js";
import { Waiting } from "../../parts/waiting.js";
import { Failed, Page, useLoaded } from "./page.js";

/** @typedef {{path: string, key: string, value: unknown}} Setting */

export function Settings() {
  const { value, problem, again } = useLoaded(() => api.configuration());
  const [text, setText] = useState("");
  const wanted = text.trim().toLowerCase();
  const sections = value ? sectionsOf(value.json) : [];
  const described = new Map(value?.settings?.map((one) => [one.path, one.description]) ?? []);
  return html`<${Page} title=${words("console.place.settings")} lead=${words("settings.lead")}>
    ${problem && html`<${Failed} text=${problem} onAgain=${again} />`}
    ${!value && !problem && html`<${Waiting} />`}
    ${value && html`<input class="input" type="search" value=${text} placeholder=${words("settings.search")} aria-label=${words("settings.search")} onInput=${(/** @type {any} */ event) => setText(event.currentTarget.value)} />
      ${sections.map(([name, settings]) => {
        const those = settings.filter((one) => !wanted || `${one.path} ${explained(one.path)} ${described.get(one.path) ?? ""} ${JSON.stringify(one.value)}`.toLowerCase().includes(wanted));
        return those.length > 0 && html`<section key=${name} class="column"><h2>${hasWords(`setting.${name}`) ? words(`setting.${name}`) : html`<code>${name}</code>`}</h2>
          ${hasWords(`setting.${name}.hint`) && html`<p class="muted small">${words(`setting.${name}.hint`)}</p>`}
          <dl class="settings">${those.map((one) => html`<div key=${one.path}><dt>${explained(one.path) && html`<span>${explained(one.path)}</span>`}<code class="small muted">${one.path}</code>${described.has(one.path) && (language.value === "en" || !explained(one.path)) && html`<span class="small muted" lang="en">${described.get(one.path)}</span>`}</dt><dd>${valueInWords(one.key, one.value)}</dd></div>`)}</dl></section>`;
      })}
      <details><summary>${words("settings.file")}</summary><pre class="sample" dir="ltr" tabindex="0">${value.toml}</pre></details>`}
  <//>`;
}

/** What a setting is for, in words. @param {string} path */
const explained = (path) => (hasWords(`setting.${path}`) ? words(`setting.${path}`) : "");

/** A value as people say it. @param {string} key @param {unknown} value @returns {any} */
export function valueInWords(key, value) {
  if (typeof value === "boolean") return words(value ? "settings.on" : "settings.off");
  if (Array.isArray(value)) return value.length ? html`<span class="values">${value.map((one) => html`<code key=${one}>${String(one)}</code>`)}</span>` : html`<span class="muted">${words("settings.none")}</span>`;
  if (value === "" || value === null) return html`<span class="muted">${words("settings.none")}</span>`;
  if (typeof value === "number") {
    if (key.includes("bytes")) return size(value);
    if (key === "keep_days" || key === "days_max") return value === 0 ? words("settings.ever") : words("tokens.days", { count: value });
    return new Intl.NumberFormat(locale.value).format(value);
  }
  if (typeof value === "object") return html`<code>${JSON.stringify(value)}</code>`;
  return html`<code>${String(value)}</code>`;
}

/** Sections in the order of the file, each with its settings; what is nested is named by its path. @param {any} json @returns {[string, Setting[]][]} */
function sectionsOf(json) {
  /** @type {Map<string, Setting[]>} */
  const sections = new Map();
  const add = (/** @type {string} */ section, /** @type {string} */ path, /** @type {string} */ key, /** @type {unknown} */ value) => sections.set(section, [...(sections.get(section) ?? []), { path, key, value }]);
  const isTable = (/** @type {unknown} */ value) => value !== null && typeof value === "object" && !Array.isArray(value) && Object.keys(value).length > 0;
  for (const [name, table] of Object.entries(json)) {
    if (!isTable(table)) add("service", name, name, table);
    else {
      for (const [key, value] of Object.entries(table)) {
        if (!isTable(value)) add(name, `${name}.${key}`, key, value);
        else for (const [inner, own] of Object.entries(/** @type {object} */ (value))) add(`${name}.${key}`, `${name}.${key}.${inner}`, inner, own);
      }
    }
  }
  return [...sections];
}
