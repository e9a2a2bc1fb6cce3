// Alerts as a person meets them: what is open for them, what they answered, and saying so.
import { get } from "./http.js";
import { request, say } from "./events.js";

/** @typedef {"information" | "minor" | "moderate" | "severe" | "extreme"} Level */
/** @typedef {"draft" | "waiting" | "planned" | "in-force" | "cancelled" | "expired" | "superseded"} Status */
/** @typedef {{headline: string, text: string, choices: string[]}} Wording */
/** @typedef {{after_seconds: number, fewer_than: string, audience: string}} Escalation */

/**
 * An alert, as the service shows it.
 * @typedef {object} Alert
 * @property {string} id
 * @property {Status} status
 * @property {string} issuer
 * @property {string} headline
 * @property {string} text
 * @property {Level} severity
 * @property {string} audience
 * @property {string[]} choices
 * @property {boolean} must_confirm
 * @property {string} effective_at
 * @property {string | null} expires_at
 * @property {{kind: string, at?: string, by?: string}} state
 * @property {"alert" | "announcement"} kind
 * @property {string | null} language
 * @property {Record<string, Wording>} translations
 * @property {string} lifetime
 * @property {number | null} repeat_seconds
 * @property {Escalation[]} escalation
 * @property {{started_at?: string | null, repeats?: number, levels?: boolean[]}} progress
 * @property {boolean} drill
 * @property {boolean} test
 * @property {string | null} link
 * @property {string[]} attachments
 * @property {string | null} updates
 * @property {string} signature
 * @property {string | null} [answer_by] before when an answer is in time
 * @property {boolean} [seen] whether the reader has looked at it, where the service says it
 * @property {{choice: string, at: string} | null} [answer] the reader's own answer, where the service says it
 */

/** The levels, least first. @type {Level[]} */
export const levels = ["information", "minor", "moderate", "severe", "extreme"];

/** The alerts in force that the person has not confirmed, oldest first. @returns {Promise<Alert[]>} */
export const open = () => get("/me/alerts");

/** Those that are over, answered, or need no answer and were read: the newest. @returns {Promise<Alert[]>} */
export async function past() {
  /** @type {Alert[]} */
  const all = await get("/me/alerts?all=true&limit=200");
  return all.filter((alert) => alert.kind === "alert" && (alert.status !== "in-force" || alert.answer || (alert.seen && !alert.must_confirm)));
}

/** Confirms an alert with one of its own choices. @param {string} id @param {string} choice @returns {Promise<{choice: string, first: boolean}>} */
export const confirm = (id, choice) => request({ type: "confirm", alert: id, choice });

/** Says that the person has looked at it. @param {string} id */
export const seen = (id) => say({ type: "seen", alert: id });

/**
 * An alert's words in a language, or its own where it has none in that.
 * @param {Alert} alert
 * @param {string} language
 * @returns {Wording & {language: string | undefined}}
 */
export function wording(alert, language) {
  const own = { headline: alert.headline, text: alert.text, choices: alert.choices, language: alert.language ?? undefined };
  const short = (/** @type {string} */ tag) => tag.slice(0, 2).toLowerCase();
  if (alert.language && short(alert.language) === language) return own;
  const tag = Object.keys(alert.translations ?? {}).find((tag) => short(tag) === language);
  if (!tag) return own;
  const other = alert.translations[tag];
  return { headline: other.headline, text: other.text, choices: other.choices?.length ? other.choices : alert.choices, language: tag };
}
