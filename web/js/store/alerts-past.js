// What became of alerts: what the service tells, and what was seen here since.
import { computed, signal } from "@preact/signals";
import * as api from "../api/alerts.js";
import { now } from "../api/clock.js";

/** @typedef {import("../api/alerts.js").Alert} Alert */
/** @typedef {"answered" | "read" | "cancelled" | "expired" | "superseded"} Outcome */
/** @typedef {{alert: Alert, outcome: Outcome, choice?: string, at: number}} Past */

/** What happened here since the service was asked. @type {import("@preact/signals").Signal<Past[]>} */
const since = signal([]);
/** @type {import("@preact/signals").Signal<Past[]>} */
const told = signal([]);

/** All of them, newest first. */
export const pastAlerts = computed(() => {
  const byId = new Map(told.value.map((one) => [one.alert.id, one]));
  for (const one of since.value) byId.set(one.alert.id, one);
  return [...byId.values()].sort((one, other) => other.at - one.at);
});

/** Asks the service for them. */
export async function loadPast() {
  const all = await api.past();
  const known = new Set(all.map((alert) => alert.id));
  told.value = all.map((alert) => ({
    alert,
    outcome: alert.answer ? "answered" : /** @type {Outcome} */ (alert.status === "in-force" ? "read" : alert.status),
    choice: alert.answer?.choice,
    at: Date.parse(alert.answer?.at ?? alert.state.at ?? alert.effective_at),
  }));
  since.value = since.value.filter((one) => !known.has(one.alert.id));
}

/** @param {Alert} alert @param {{outcome: Outcome, choice?: string}} what */
export function keepPast(alert, { outcome, choice }) {
  const rest = since.value.filter((one) => one.alert.id !== alert.id);
  since.value = [{ alert, outcome, choice, at: now() }, ...rest];
}

export function forgetPast() {
  since.value = [];
  told.value = [];
}
