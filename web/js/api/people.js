// Contacts, requests, blocks, and how people are.
import { get, post, put, remove } from "./http.js";
import { request } from "./events.js";

/** @typedef {{address: string, name: string | null, labels: string[], to: boolean, from: boolean, asked: boolean, approved: boolean}} Contact */

/** @param {string} address */
const at = (address) => encodeURIComponent(address);

/** @returns {Promise<Contact[]>} */
export const contacts = () => get("/contacts");
/** @param {string} address @param {{name?: string, labels: string[]}} what */
export const putContact = (address, what) => put(`/contacts/${at(address)}`, what);
/** @param {string} address */
export const removeContact = (address) => remove(`/contacts/${at(address)}`);
/** @param {string} address @param {"subscribe" | "subscribed" | "unsubscribe" | "unsubscribed"} action */
export const subscription = (address, action) => post(`/contacts/${at(address)}/subscription`, { action });
/** @returns {Promise<{blocked: string[]}>} */
export const blocks = () => get("/blocks");
/** @param {string} address */
export const block = (address) => put(`/blocks/${at(address)}`);
/** @param {string} address */
export const unblock = (address) => remove(`/blocks/${at(address)}`);

/** People whose name has these letters in it. @param {string} words @returns {Promise<{address: string}[]>} */
export const find = (words) => get(`/people?search=${encodeURIComponent(words)}`);

/** Says how available one is here. @param {string | null} show @param {string} text */
export const presence = (show, text) => request({ type: "presence", show, ...(text && { text }) });
