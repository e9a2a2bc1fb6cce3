// Alerts as those meet them who send them: writing, counting, sending, watching, calling off.
import { ask, get, page, post, put, remove, send } from "./http.js";
import { connection, newId, on, say } from "./events.js";
import { effect } from "@preact/signals";

/** @typedef {import("./alerts.js").Alert} Alert */
/** @typedef {import("./alerts.js").Wording} Wording */
/** @typedef {{people: number, reachable: number, computers: number}} Count */
/** @typedef {{recipients: number, pending: number, delivered: number, seen: number, confirmed: number, late?: number}} Counts */
/** @typedef {{choice: string, at: string, protocol: string, device: string, source: string}} Confirmation */
/** @typedef {{recipient: string, stage: "pending" | "delivered" | "seen" | "confirmed", delivered_at: string | null, seen_at: string | null, confirmation: Confirmation | null, late?: boolean, reason: string | null, unreached?: string}} Row */
/** @typedef {{name: string, variables: string[], draft: any, expires_after_seconds: number | null}} Template */
/** @typedef {{id: string, name: string, draft: any, expires_after_seconds: number | null, rule: string, starts_at: string, zone: string, missed: string, next_at: string | null, paused: boolean, note?: string | null}} Schedule */

const ASK_EVERY = 5000;

/** @param {string} name */
const at = (name) => encodeURIComponent(name);

/** Alerts, newest first. @param {string} [phase] draft, waiting, planned, open or ended; all where left out @param {number} [limit] @returns {Promise<{items: Alert[], next: string | null}>} */
export const list = (phase, limit = 50) => page(`/alerts?${phase ? `phase=${phase}` : "all=true"}&limit=${limit}`);
/** @param {string} path @returns {Promise<{items: Alert[], next: string | null}>} */
export const more = (path) => page(path);
/** @param {string} id @returns {Promise<Alert>} */
export const show = (id) => get(`/alerts/${id}`);
/** @param {any} alert @returns {Promise<Alert>} */
export const sendAlert = (alert) => post("/alerts", alert);
/** @param {string} id @param {any} alert @returns {Promise<Alert>} */
export const changeDraft = (id, alert) => put(`/alerts/${id}`, alert);
/** @param {string} id @returns {Promise<Alert>} */
export const sendDraft = (id) => post(`/alerts/${id}/send`);
/** @param {string} id */
export const deleteDraft = (id) => remove(`/alerts/${id}`);
/** @param {string} id @returns {Promise<Alert>} */
export const release = (id) => post(`/alerts/${id}/release`);
/** Says it once more to those who have not confirmed. @param {string} id @returns {Promise<Alert>} */
export const sayAgain = (id) => post(`/alerts/${id}/again`);
/** @param {string} id @returns {Promise<Alert>} */
export const cancel = (id) => post(`/alerts/${id}/cancel`);

/** How many people an audience has. @param {string} expression @param {AbortSignal} [signal] @returns {Promise<Count>} */
export const count = (expression, signal) => get(`/audience?expression=${encodeURIComponent(expression)}`, { signal });

/** The names of the groups that the person may send alerts to. @returns {Promise<string[]>} */
export const reachableGroups = async () => (await get("/audience/groups")).groups;

/**
 * The report of an alert with all of its rows, a page at a time.
 * @param {string} id
 * @param {number} most rows at most
 * @returns {Promise<{alert: Alert, counts: Counts, rows: Row[], complete: boolean}>}
 */
export async function report(id, most = 5000) {
  /** @type {Row[]} */
  const rows = [];
  let after = "";
  for (;;) {
    const part = await get(`/alerts/${id}/report?limit=1000${after && `&after=${encodeURIComponent(after)}`}`);
    rows.push(...part.recipients);
    if (!part.next || rows.length >= most) return { alert: part.alert, counts: part.counts, rows, complete: !part.next };
    after = part.next;
  }
}

/** The whole report as a table. @param {string} id @returns {Promise<Blob>} */
export async function reportTable(id) {
  return (await send("GET", `/alerts/${id}/report`, undefined, { headers: { accept: "text/csv" } })).blob();
}

/**
 * Hears how many of an alert's recipients stand where, until what it returns is called; also after breaks.
 * @param {string} id
 * @param {(report: {status: Alert["status"], counts: Counts}) => void} listener
 */
export function watch(id, listener) {
  const asked = newId();
  let timer = 0;
  const ask = async () => {
    const { alert, counts } = await get(`/alerts/${id}/report?limit=1`).catch(() => ({}));
    if (counts && timer) listener({ status: alert.status, counts });
  };
  const stop = on("report", (event) => event.alert === id && listener(event));
  // Where the stream does not tell, it is asked for.
  const stopRefused = on("refused", (event) => {
    if (event.id !== asked || timer) return;
    timer = setInterval(ask, ASK_EVERY);
    ask();
  });
  // A watch ends with the connection: it is asked for anew on each.
  const stopAsking = effect(() => {
    if (connection.value.state === "connected") queueMicrotask(() => say({ type: "report", alert: id, watch: true, id: asked }));
  });
  return () => {
    clearInterval(timer);
    timer = 0;
    stop();
    stopRefused();
    stopAsking();
    say({ type: "report", alert: id, watch: false });
  };
}

/** @returns {Promise<Template[]>} */
export const templates = () => get("/templates");
/** @param {string} name @param {any} template @returns {Promise<Template>} */
export const putTemplate = (name, template) => put(`/templates/${at(name)}`, template);
/** @param {string} name */
export const removeTemplate = (name) => remove(`/templates/${at(name)}`);

/** @returns {Promise<Schedule[]>} */
export const schedules = () => get("/schedules");
/** @param {string} name @param {any} schedule @returns {Promise<Schedule>} */
export const putSchedule = (name, schedule) => put(`/schedules/${at(name)}`, schedule);
/** @param {string} name */
export const removeSchedule = (name) => remove(`/schedules/${at(name)}`);
/** @param {string} name @param {boolean} on @returns {Promise<Schedule>} */
export const pauseSchedule = (name, on) => ask("POST", `/schedules/${at(name)}/${on ? "pause" : "resume"}`);
