// Signing in and out. The session itself is a cookie that no script can read.
import { get, post, remove } from "./http.js";
import { prove } from "./scram.js";

/**
 * @typedef {object} Session
 * @property {string} address
 * @property {string} name
 * @property {string[]} roles
 * @property {boolean} must_change_password
 * @property {string} domain
 * @property {string} service_name
 * @property {string} version
 * @property {string} [rooms_domain]
 * @property {string[]} [release] alerts of which severities wait for a second person
 * @property {string[]} [rights]
 * @property {{authority_sha256: string, download: string} | null} [certificate] whom browsers have to trust; null where they do
 */

/** Who is signed in in this browser. @returns {Promise<Session>} */
export const current = () => get("/session");

/**
 * Signs in.
 * @param {string} name
 * @param {string} password
 * @param {boolean} remember whether the session outlives the browser's
 * @returns {Promise<Session>}
 */
export async function signIn(name, password, remember) {
  let exchange = "";
  const answer = await prove(
    name.trim().toLowerCase(),
    password,
    async (message) => {
      const first = await post("/session/scram", { message });
      exchange = first.exchange;
      return first;
    },
    (message) => post(`/session/scram/${encodeURIComponent(exchange)}`, { message, remember }),
  );
  return /** @type {any} */ (answer).session ?? current();
}

/** Signs out here. */
export const signOut = () => remove("/session");

/** The browsers that are signed in. */
export const list = () => get("/me/sessions");
/** @param {string} id */
export const end = (id) => remove(`/me/sessions/${encodeURIComponent(id)}`);
/** Signs out everywhere, here as well. */
export const endAll = () => remove("/me/sessions");
