// People, groups, rights and tokens, as administrators see them.
import { get, page, patch, post, put, remove, send } from "./http.js";

/** @typedef {{address: string, netbios: string, administrator: boolean, disabled: boolean, accepts_unverified: boolean, created_at: string, groups: string[]}} Account */
/** @typedef {{name: string, members: string[]}} Group */
/** @typedef {{id: string, name: string, account: string, scopes: string[], created_at: string, last_used_at: string | null, expires_at: string | null}} Token */
/** @typedef {{address: string, resource: string, protocol: string, source: string, since: string, show: string | null, text: string | null, receives: boolean}} Session */

/** @param {string} name */
const at = (name) => encodeURIComponent(name);

/** All of a list, page by page. @param {string} path @returns {Promise<any[]>} */
async function all(path) {
  const items = [];
  /** @type {string | null} */
  let next = path;
  while (next) {
    /** @type {{items: any[], next: string | null}} */
    const part = await page(next);
    items.push(...part.items);
    next = part.next;
  }
  return items;
}

/** @returns {Promise<Account[]>} */
export const accounts = () => all("/accounts");
/** @param {string} name @returns {Promise<Account>} */
export const account = (name) => get(`/accounts/${at(name)}`);
/** @param {{name: string, password: string, administrator?: boolean, groups?: string[], create_groups?: boolean}} account @returns {Promise<Account>} */
export const addAccount = (account) => post("/accounts", account);
/** @param {string} name @param {Partial<Account>} change @returns {Promise<Account>} */
export const changeAccount = (name, change) => patch(`/accounts/${at(name)}`, change);
/** @param {string} name @param {string} password */
export const setPassword = (name, password) => put(`/accounts/${at(name)}/password`, { password });
/** @param {string} name */
export const removeAccount = (name) => remove(`/accounts/${at(name)}`);
/** @param {string} name */
export const eraseAccount = (name) => post(`/accounts/${at(name)}/erase`);
/** Everything that is kept about a person. @param {string} name @returns {Promise<Blob>} */
export const exportAccount = async (name) => (await send("GET", `/accounts/${at(name)}/export`)).blob();

/** @param {string} name @returns {Promise<{administrator: boolean, rights: string[]}>} */
export const rights = (name) => get(`/accounts/${at(name)}/rights`);
/** @param {string} name @param {string} right @returns {Promise<{administrator: boolean, rights: string[]}>} */
export const grant = (name, right) => post(`/accounts/${at(name)}/rights`, { right });
/** @param {string} name @param {string} right @returns {Promise<{administrator: boolean, rights: string[]}>} */
export const revoke = (name, right) => post(`/accounts/${at(name)}/rights/revoke`, { right });

/** @returns {Promise<Group[]>} */
export const groups = () => all("/groups");
/** @param {string} name */
export const addGroup = (name) => post("/groups", { name });
/** @param {string} name */
export const removeGroup = (name) => remove(`/groups/${at(name)}`);
/** @param {string} group @param {string} person */
export const join = (group, person) => put(`/groups/${at(group)}/members/${at(person)}`);
/** @param {string} group @param {string} person */
export const leave = (group, person) => remove(`/groups/${at(group)}/members/${at(person)}`);

/** @returns {Promise<Token[]>} */
export const tokens = () => all("/tokens");
/** @param {{name: string, account?: string, scopes: string[], expires_in_seconds?: number}} token @returns {Promise<Token & {secret: string}>} */
export const addToken = (token) => post("/tokens", token);
/** @param {string} id */
export const removeToken = (id) => remove(`/tokens/${at(id)}`);

/** Who is there now. @returns {Promise<Session[]>} */
export const sessions = () => all("/sessions");
