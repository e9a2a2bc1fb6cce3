// Short words at the edge of the screen about what was just done, or not.
import { signal } from "@preact/signals";
import { words, hasWords } from "../words.js";

/** @typedef {{id: number, text: string, kind: "information" | "problem", action?: {label: string, act: () => void}}} Toast */

/** @type {import("@preact/signals").Signal<Toast[]>} */
export const toasts = signal([]);
let last = 0;

/**
 * @param {string} text
 * @param {{kind?: "information" | "problem", action?: {label: string, act: () => void}, seconds?: number}} [how]
 */
export function toast(text, { kind = "information", action, seconds = action || kind === "problem" ? 9 : 5 } = {}) {
  const id = ++last;
  toasts.value = [...toasts.value.slice(-2), { id, text, kind, action }];
  setTimeout(() => dismiss(id), seconds * 1000);
}

/** Says what went wrong: the service's own words where it has some. @param {any} problem */
export const toastProblem = (problem) => toast(explain(problem), { kind: "problem" });

/** @param {number} id */
export function dismiss(id) {
  toasts.value = toasts.value.filter((one) => one.id !== id);
}

/** What a problem says to people. @param {any} problem @returns {string} */
export function explain(problem) {
  const known = `problem.${problem?.kind}`;
  if (problem?.kind && hasWords(known)) return words(known);
  return problem?.detail || problem?.title || words("problem.unknown");
}
