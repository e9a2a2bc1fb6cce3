// The sound of alerts: by how much they matter, again and again for those that cannot wait.
import { hasWords, language, words } from "../words.js";
import { wording } from "../api/alerts.js";
import { isQuiet, notify, play } from "./notifications.js";
import { settings } from "./settings.js";

/** @typedef {import("../api/alerts.js").Alert} Alert */

/** After how many seconds it rings again by itself until it is answered; the service's repetitions come on top. */
const AGAIN = { information: 0, minor: 0, moderate: 0, severe: 30, extreme: 10 };
/** What rings although the person does not want to be disturbed. */
const URGENT = ["severe", "extreme"];

/** @type {Map<string, number>} */
const ringing = new Map();

/**
 * Rings for an alert.
 * @param {Alert} alert
 * @param {boolean} isNew whether it has just come, and was not there when the page was opened
 */
export function ring(alert, isNew) {
  silence(alert.id);
  const every = AGAIN[alert.severity];
  if (every) ringing.set(alert.id, setInterval(() => sound(alert), every * 1000));
  sound(alert);
  if (!isNew || (document.visibilityState === "visible" && document.hasFocus())) return;
  const level = hasWords(`level.${alert.severity}`) ? words(`level.${alert.severity}`) : "";
  const { headline } = wording(alert, language.value);
  notify(level, settings.value.previews ? headline : words("alert.hidden"), alert.id, `/alerts/${alert.id}`);
}

/** @param {string} id */
export function silence(id) {
  clearInterval(ringing.get(id));
  ringing.delete(id);
}

/** @param {Alert} alert */
async function sound(alert) {
  if (isQuiet() && !URGENT.includes(alert.severity)) return;
  const name = alert.severity === "information" || alert.severity === "minor" ? "box" : "alert";
  if (!navigator.locks) return play(name);
  // Of several tabs, one rings: the first to take the lock holds it as long as the sound lasts.
  await navigator.locks.request("messngr.ring", { ifAvailable: true }, async (lock) => {
    if (!lock) return;
    play(name);
    await new Promise((resolve) => setTimeout(resolve, 1500));
  });
}
