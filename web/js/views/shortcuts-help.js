// The keys that work everywhere, said.
import { html } from "../html.js";
import { words } from "../words.js";
import { Dialog } from "../parts/dialog.js";

const KEYS = [["Ctrl K", "keys.jump"], ["Alt ↓  Alt ↑", "keys.next"], ["Esc", "keys.back"], ["Enter", "keys.send"], ["Shift Enter", "keys.line"], ["↑", "keys.edit"], ["?", "keys.help"]];

/** @param {{onClose: () => void}} properties */
export function Keys({ onClose }) {
  return html`<${Dialog} title=${words("keys.title")} onClose=${onClose}>
    <dl class="keys">${KEYS.map(([key, what]) => html`<div key=${what}><dt>${words(what)}</dt><dd><kbd>${key}</kbd></dd></div>`)}</dl><//>`;
}
