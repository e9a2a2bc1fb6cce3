// The alerts that are open for the person, in the order in which they are shown, and what became of those that were.
import { computed, effect, signal } from "@preact/signals";
import * as api from "../api/alerts.js";
import { connection, on } from "../api/events.js";
import { badges } from "../views/places.js";
import { forgetPast, keepPast } from "./alerts-past.js";
import { ring, silence } from "./alerts-ring.js";
import { takeNotice } from "./notices.js";
import { onSignOut, session } from "./session.js";
import { toast } from "./toasts.js";
import { language, words } from "../words.js";

/** @typedef {import("../api/alerts.js").Alert} Alert */
/** @typedef {"answered" | "cancelled" | "expired" | "superseded"} Why */

/**
 * An alert that is shown until it is dealt with.
 * @typedef {object} Open
 * @property {Alert} alert
 * @property {number} repeats how often it was said again
 * @property {string} waiting the answer that was given and is not with the service yet
 * @property {{why: Why, choice?: string} | null} ended why it need not be answered any more
 */

/** @type {import("@preact/signals").Signal<Map<string, Open>>} */
const all = signal(new Map());
/** The one that is in front, so that it does not vanish from under somebody's eyes. */
export const inFront = signal("");
/** Whether the list has come. */
export const alertsLoaded = signal(false);

/** What is to be shown, first things first: the most severe, then the oldest. */
export const queue = computed(() =>
  [...all.value.values()].sort(
    (one, other) =>
      Number(Boolean(other.ended)) - Number(Boolean(one.ended)) ||
      api.levels.indexOf(other.alert.severity) - api.levels.indexOf(one.alert.severity) ||
      one.alert.effective_at.localeCompare(other.alert.effective_at),
  ),
);
/** Those that still want an answer. */
export const openAlerts = computed(() => queue.value.filter((one) => !one.ended));

/** Asks for what is open; what this browser was not told of meanwhile is dropped. */
export async function loadAlerts() {
  const alerts = await api.open();
  const known = new Set(alerts.map((alert) => alert.id));
  for (const { alert, ended } of all.value.values()) if (!known.has(alert.id) && !ended) drop(alert.id);
  for (const alert of alerts) take(alert, false);
  alertsLoaded.value = true;
}

/**
 * Answers an alert. What cannot be said now is kept, and said when the service is back.
 * @param {string} id
 * @param {string} choice one of the alert's own
 */
export async function answer(id, choice) {
  const one = all.value.get(id);
  if (!one || one.ended) return;
  change(id, { waiting: choice });
  keepWaiting();
  silence(id);
  try {
    const { choice: counted } = await api.confirm(id, choice);
    keepPast(one.alert, { outcome: "answered", choice: counted });
    drop(id);
    const at = one.alert.choices.indexOf(counted);
    toast(words("alert.confirmed", { choice: api.wording(one.alert, language.value).choices[at] ?? counted }));
  } catch (problem) {
    const { kind, status } = /** @type {any} */ (problem);
    if (kind === "unreachable") return;
    change(id, { waiting: "" });
    if (status === 404 || status === 409 || status === 410) return void loadAlerts().catch(() => {});
    throw problem;
  } finally {
    keepWaiting();
  }
}

/** Puts away what need not be answered. @param {string} id */
export function close(id) {
  const one = all.value.get(id);
  if (!one || (one.alert.must_confirm && !one.ended)) return;
  if (!one.ended) {
    api.seen(id);
    keepPast(one.alert, { outcome: "read" });
    dismissed.add(id);
    put(key("closed"), [...dismissed].slice(-200));
  }
  drop(id);
}

/** Whether an alert is open. @param {string} id */
export const isOpen = (id) => Boolean(all.value.get(id) && !all.value.get(id)?.ended);

/** Shows again what was confirmed nowhere and said again. @param {string} id @param {number} number */
function again(id, number) {
  const one = all.value.get(id);
  if (!one) return void loadAlerts().catch(() => {});
  change(id, { repeats: number });
  ring(one.alert, true);
}

/** @param {Alert} alert @param {boolean} isNew */
function take(alert, isNew) {
  if (alert.kind === "announcement") return takeNotice(alert, isNew);
  if (alert.status !== "in-force" || dismissed.has(alert.id)) return;
  const known = all.value.get(alert.id);
  const replaced = alert.updates ? all.value.get(alert.updates) : undefined;
  if (replaced) {
    keepPast(replaced.alert, { outcome: "superseded" });
    drop(replaced.alert.id);
  }
  const next = new Map(all.value);
  next.set(alert.id, { ...(known ?? { repeats: 0, waiting: waitingAnswers()[alert.id] ?? "", ended: null }), alert });
  all.value = next;
  if (!known) ring(alert, isNew);
}

/** @param {string} id @param {Why} why @param {string} [choice] */
function end(id, why, choice) {
  const one = all.value.get(id);
  if (!one || one.ended) return;
  silence(id);
  keepPast(one.alert, { outcome: why, choice });
  if (id === inFront.value) change(id, { ended: { why, choice }, waiting: "" });
  else drop(id);
}

/** @param {string} id @param {Partial<Open>} what */
function change(id, what) {
  const one = all.value.get(id);
  if (one) all.value = new Map(all.value).set(id, { ...one, ...what });
}

/** @param {string} id */
function drop(id) {
  silence(id);
  const next = new Map(all.value);
  next.delete(id);
  all.value = next;
}

on("alert", (event) => take(event, true));
on("alert-again", ({ alert, number }) => again(alert, number));
on("alert-answered", ({ alert, choice }) => end(alert, "answered", choice));
on("alert-ended", ({ alert, status }) => end(alert, status));
on("ready", ({ resumed }) => {
  if (!resumed) loadAlerts().catch(() => {});
});

let wasConnected = false;
effect(() => {
  const isConnected = connection.value.state === "connected";
  if (isConnected === wasConnected) return;
  wasConnected = isConnected;
  if (isConnected) queueMicrotask(sayWaiting);
});
effect(() => {
  badges.alerts.value = openAlerts.value.length;
});

function sayWaiting() {
  for (const { alert, waiting } of all.value.values()) if (waiting) answer(alert.id, waiting).catch(() => {});
}

// What this browser keeps: answers that are not said yet, and what was closed that needs no answer.
/** @type {Set<string>} */
let dismissed = new Set();

/** Called when somebody has signed in. */
export function restoreAlerts() {
  dismissed = new Set(kept(key("closed"), []));
}

onSignOut(() => {
  for (const id of all.value.keys()) silence(id);
  all.value = new Map();
  alertsLoaded.value = false;
  inFront.value = "";
  forgetPast();
});

const key = (/** @type {string} */ what) => `messngr.alerts.${what}.${session.value?.address}`;

/** @returns {Record<string, string>} */
const waitingAnswers = () => kept(key("waiting"), {});

function keepWaiting() {
  const waiting = [...all.value.values()].filter((one) => one.waiting).map((one) => [one.alert.id, one.waiting]);
  put(key("waiting"), Object.fromEntries(waiting));
}

/** @param {string} name @param {any} otherwise */
function kept(name, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(name) ?? "null") ?? otherwise;
  } catch {
    return otherwise;
  }
}

/** @param {string} name @param {unknown} what */
function put(name, what) {
  try {
    localStorage.setItem(name, JSON.stringify(what));
  } catch {
    // Without a place to keep it, it holds as long as the page.
  }
}
