// What became of alerts: what the service tells, and what this browser saw itself.
import { computed, signal } from "@preact/signals";
import * as api from "../api/alerts.js";
import { session } from "./session.js";

/** @typedef {import("../api/alerts.js").Alert} Alert */
/** @typedef {"answered" | "read" | "cancelled" | "expired" | "superseded"} Outcome */
/** @typedef {{alert: Alert, outcome: Outcome, choice?: string, at: number}} Past */

const MOST = 100;
const key = () => `messngr.alerts.past.${session.value?.address}`;

/** @type {import("@preact/signals").Signal<Past[]>} */
const own = signal([]);
/** @type {import("@preact/signals").Signal<Past[]>} */
const told = signal([]);

/** All of them, newest first. */
export const pastAlerts = computed(() => {
  const byId = new Map(own.value.map((one) => [one.alert.id, one]));
  for (const one of told.value) byId.set(one.alert.id, one);
  return [...byId.values()].sort((one, other) => other.at - one.at);
});

/** Brings back what was kept, and asks the service for the rest. */
export async function loadPast() {
  try {
    own.value = JSON.parse(localStorage.getItem(key()) ?? "[]");
  } catch {
    own.value = [];
  }
  told.value = (await api.past()).map((alert) => ({
    alert,
    outcome: alert.answer ? "answered" : /** @type {Outcome} */ (alert.status === "in-force" ? "read" : alert.status),
    choice: alert.answer?.choice,
    at: Date.parse(alert.answer?.at ?? alert.effective_at),
  }));
}

/** @param {Alert} alert @param {{outcome: Outcome, choice?: string}} what */
export function keepPast(alert, { outcome, choice }) {
  const rest = own.value.filter((one) => one.alert.id !== alert.id);
  own.value = [{ alert, outcome, choice, at: Date.now() }, ...rest].slice(0, MOST);
  try {
    localStorage.setItem(key(), JSON.stringify(own.value));
  } catch {
    // Without a place to keep it, it holds as long as the page.
  }
}

export function forgetPast() {
  own.value = [];
  told.value = [];
}
