// How much an alert matters: always by icon and word, and by colour.
import { html } from "../html.js";
import { words } from "../words.js";
import { Icon } from "../parts/icon.js";

/** @type {Record<import("../api/alerts.js").Level, string>} */
export const levelIcons = { information: "info", minor: "bell", moderate: "triangle-alert", severe: "octagon-alert", extreme: "siren" };

/** @param {{level: import("../api/alerts.js").Level, size?: number, announcement?: boolean}} properties */
export function Level({ level, size = 16, announcement = false }) {
  return html`<span class=${`level ${level}`}><${Icon} name=${announcement ? "megaphone" : levelIcons[level]} size=${size} /><span>${words(`level.${level}`)}</span></span>`;
}
