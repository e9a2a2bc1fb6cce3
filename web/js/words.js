// Words of the interface: one file for each language, chosen by the browser and changeable.
import { computed, signal } from "@preact/signals";
import { settings } from "./store/settings.js";

/** The languages there are, each by its own name. */
export const languages = { en: "English", es: "Español" };

/** @typedef {string | Record<string, string>} Phrase one phrase, or one for each plural category */

/** @type {import("@preact/signals").Signal<Record<string, Phrase>>} */
const phrases = signal({});
/** @type {Record<string, Phrase>} */
let fallback = {};

/** The language that is shown. */
export const language = signal("en");

/** The same as the browser knows it, with the country's ways of writing times and numbers where it has one. */
export const locale = computed(() => navigator.languages.find((tag) => tag.toLowerCase().startsWith(language.value)) ?? language.value);

/**
 * A phrase in the language shown. `{name}` in it is replaced by `values.name`; where a phrase has plural forms,
 * `values.count` chooses.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function words(key, values = {}) {
  const phrase = phrases.value[key] ?? fallback[key];
  if (phrase === undefined) return key;
  const text = typeof phrase === "string" ? phrase : plural(phrase, Number(values.count ?? 0));
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? new Intl.NumberFormat(locale.value).format(value) : value;
  });
}

/**
 * Whether there is such a phrase.
 * @param {string} key
 */
export const hasWords = (key) => phrases.value[key] !== undefined || fallback[key] !== undefined;

/** Loads the language that was chosen, or that the browser asks for first. */
export async function loadWords() {
  const wanted = settings.value.language ?? asked();
  // The files have the same keys: English is asked for only where the other cannot be had.
  const own = await load(wanted).catch(() => load("en"));
  fallback = own;
  phrases.value = own;
  language.value = wanted;
  document.documentElement.lang = wanted;
  document.documentElement.dir = ["ar", "he", "fa", "ur"].includes(wanted) ? "rtl" : "ltr";
}

/** @param {Record<string, string>} forms @param {number} count */
function plural(forms, count) {
  if (forms[`=${count}`] !== undefined) return forms[`=${count}`];
  return forms[new Intl.PluralRules(language.value).select(count)] ?? forms.other;
}

function asked() {
  for (const tag of navigator.languages ?? []) {
    const short = tag.slice(0, 2).toLowerCase();
    if (short in languages) return short;
  }
  return "en";
}

/** @param {string} name @returns {Promise<Record<string, Phrase>>} */
async function load(name) {
  const answer = await fetch(`/words/${name}.json`);
  return answer.json();
}
