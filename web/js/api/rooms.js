// Rooms: conversations of more than two.
import { get, post, put, remove } from "./http.js";

/**
 * @typedef {object} Room
 * @property {string} address
 * @property {string} [title]
 * @property {string} [subject]
 * @property {string} [description]
 * @property {{address?: string | null, nickname?: string | null, role?: string, affiliation?: string, present?: boolean}[]} [members]
 * @property {string} [affiliation]
 * @property {number} [present] how many are in it
 * @property {boolean} [joined]
 */

/** @param {string} address */
const at = (address) => encodeURIComponent(address);

/** Those that one is in, and those that can be found. @returns {Promise<Room[]>} */
export const list = () => get("/rooms");
/** @param {string} address @returns {Promise<Room>} */
export const show = (address) => get(`/rooms/${at(address)}`);
/** @param {{name: string, title: string, members: string[], open: boolean}} room @returns {Promise<Room>} */
export const create = (room) => post("/rooms", room);
/** @param {string} address */
export const join = (address) => put(`/rooms/${at(address)}/membership`, {});
/** @param {string} address */
export const leave = (address) => remove(`/rooms/${at(address)}/membership`);
/** @param {string} address @param {string} person */
export const invite = (address, person) => put(`/rooms/${at(address)}/members/${at(person)}`, {});
