// What is one's own: privacy, absence, devices, data.
import { get, post, put, remove, send, young } from "./http.js";

/** @typedef {{writes: string, reading: string, typing: string, last_activity: string, invisible: boolean}} Privacy */
/**
 * @typedef {object} Device
 * @property {string} id
 * @property {"browser" | "session" | "client" | "token"} kind
 * @property {string} name
 * @property {string | null} source
 * @property {string | null} since
 * @property {string | null} last_used
 * @property {boolean} online
 * @property {boolean} current
 */

/** @returns {Promise<Privacy>} */
export const privacy = () => get("/me/privacy");
/** @param {Privacy} all */
export const setPrivacy = (all) => put("/me/privacy", all);
/** @returns {Promise<{absence: {text: string, since: string, until: string | null} | null}>} */
export const away = () => get("/me/away");
/** @param {string} text @param {string | null} until */
export const goAway = (text, until) => put("/me/away", { text, ...(until && { until }) });
export const comeBack = () => remove("/me/away");

/** A new password; 403 where the one of now is wrong. @param {string} now @param {string} fresh */
export const changePassword = (now, fresh) => put("/me/password", { old_password: now, password: fresh });

/** Where one is signed in. @returns {Promise<Device[]>} */
export async function devices() {
  const all = await get("/me/sessions");
  return all.map((/** @type {any} */ one) => (one.id ? one : { id: one.resource, kind: "session", name: one.resource, source: one.source, since: one.since, last_used: null, online: true, current: false }));
}
/** @param {string} id */
export const signOutDevice = (id) => remove(`/me/sessions/${encodeURIComponent(id)}`);
/** Everywhere, here too. */
export const signOutEverywhere = () => remove("/me/sessions");

/** Everything that the service keeps about one: a file. */
export const exportData = async () => (await young(send("GET", "/me/export"))).blob();
/** Removes one's account with all that is in it. @param {string} name one's own, as a proof of meaning it */
export const eraseData = (name) => young(post("/me/erase", { name }));
