// How available somebody is: by shape, colour and word.
import { html } from "../html.js";
import { words } from "../words.js";

/** @typedef {"here" | "away" | "busy" | "gone"} Kind */

/** @param {string | null | undefined} show @returns {Kind} */
export function kindOf(show) {
  if (show === "available" || show === "chat") return "here";
  if (show === "away" || show === "extended-away") return "away";
  if (show === "busy" || show === "dnd") return "busy";
  return "gone";
}

/** @param {{show: string | null | undefined, silent?: boolean}} properties `silent`: the word stands elsewhere */
export function Presence({ show, silent = false }) {
  const kind = kindOf(show);
  return html`<span class=${`presence ${kind}`}>
    <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
      ${kind === "here" && html`<circle cx="6" cy="6" r="5" fill="currentColor" />`}
      ${kind === "away" && html`<circle cx="6" cy="6" r="4.25" fill="none" stroke="currentColor" stroke-width="1.5" /><path d="M6 1.75a4.250 4.250 0 0 1 0 8.500z" fill="currentColor" />`}
      ${kind === "busy" && html`<circle cx="6" cy="6" r="5" fill="currentColor" /><path d="M3.500 6h5" stroke="var(--surface)" stroke-width="1.750" stroke-linecap="round" />`}
      ${kind === "gone" && html`<circle cx="6" cy="6" r="4.250" fill="none" stroke="currentColor" stroke-width="1.500" />`}
    </svg>
    ${!silent && html`<span>${words(`presence.${kind}`)}</span>`}
  </span>`;
}
