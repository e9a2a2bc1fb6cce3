// How the service is, what is configured, and what was done.
import { get, page, remove } from "./http.js";

/** @typedef {{door: string, setting: string, purpose: string, address: string | null, problem: string | null, remedy: string | null}} Listening */
/** @typedef {{version: string, started_at: string, data_dir: string, user: string, pid: number, domain: string, accounts: number, sessions: number, listening: Listening[], gate?: Gate | null, strangers_refused?: {[reason: string]: number}}} Status */
/** @typedef {{connections: number, refused_outside: number, refused_connections: number, refused_connections_of_address: number, failed_sign_ins: number, waiting_addresses: number}} Gate who was let in from the network, and who was not */
/** @typedef {{sequence: number, at: string, action: string, actor: string | null, subject: string | null, detail: string | null, hash: string}} Record */
/** @typedef {{intact: boolean, records: number | null, broken: string | null, signed_up_to: number | null}} Verification */
/** @typedef {{pem: string, path: string, fingerprint_sha256: string, ends: string, how_to_trust: string}} Authority */

/** @returns {Promise<Status>} */
export const status = () => get("/status");
/** @typedef {{address: string, why: string, until: string | null, refused: number | null}} RefusedSource a network address that is refused, or has to wait, now */

/** @returns {Promise<RefusedSource[]>} */
export const refusedSources = () => get("/sources/refused");
/** Lets an address that has to wait try again at once. @param {string} address */
export const letIn = (address) => remove(`/sources/refused/${encodeURIComponent(address)}`);
/** @returns {Promise<{toml: string, json: any, settings?: {path: string, description: string}[]}>} `settings`: what each is for, in English */
export const configuration = () => get("/configuration");
/** @returns {Promise<Authority>} */
export const authority = () => get("/ca");

const AT_ONCE = 100;

/** The newest records, oldest of them first. @returns {Promise<Record[]>} */
export const newestRecords = async () => (await page(`/audit?newest=true&limit=${AT_ONCE}`)).items;
/** The records before one, oldest first. @param {number} sequence @returns {Promise<Record[]>} */
export async function recordsBefore(sequence) {
  const after = Math.max(0, sequence - 1 - AT_ONCE);
  const { items } = await page(`/audit?after=${after}&limit=${AT_ONCE}`);
  return items.filter((record) => record.sequence < sequence);
}
/** @returns {Promise<Verification>} */
export const verify = () => get("/audit/verification");
