// A person's mark: the first letter of their name on a colour of their own, and their presence beside it.
import { html } from "../html.js";
import { Icon } from "./icon.js";
import { Presence } from "./presence.js";

/**
 * @param {{name: string, address: string, show?: string | null, size?: number, icon?: string, unverified?: boolean}} properties
 * `show`: how available they are; nothing is drawn where it is left out
 */
export function Avatar({ name, address, show, size = 36, icon, unverified = false }) {
  return html`<span class=${`avatar ${unverified ? "unverified" : `tint-${tint(address)}`} ${size >= 56 ? "large" : ""} ${size <= 28 ? "small" : ""}`} aria-hidden="true">
    ${icon ? html`<${Icon} name=${icon} size=${Math.round(size / 2)} />` : first(name)}
    ${show !== undefined && html`<span class="avatar-presence"><${Presence} show=${show} silent /></span>`}
  </span>`;
}

/** The first letter as people see it, which can be several code points. @param {string} name */
function first(name) {
  const letter = new Intl.Segmenter().segment(name.trim())[Symbol.iterator]().next().value?.segment ?? "?";
  return letter.toLocaleUpperCase();
}

/** @param {string} address */
function tint(address) {
  let sum = 0;
  for (const character of address) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return sum % 6;
}
