// Everything by keyboard: keys that work everywhere, and a page that says them.
import { signal } from "@preact/signals";
import { html } from "../html.js";
import { words } from "../words.js";
import { chatPath, go, route } from "../router.js";
import { conversations } from "../store/conversations.js";
import { standing } from "../store/session.js";
import { Dialog } from "../parts/dialog.js";
import { openJump } from "./jump.js";
import { addOverlay } from "./places.js";

const open = signal(false);
const KEYS = [["Ctrl K", "keys.jump"], ["Alt ↓  Alt ↑", "keys.next"], ["Esc", "keys.back"], ["Enter", "keys.send"], ["Shift Enter", "keys.line"], ["↑", "keys.edit"], ["?", "keys.help"]];

export const openShortcuts = () => void (open.value = true);

addOverlay(() => open.value && html`<${Dialog} title=${words("keys.title")} onClose=${() => (open.value = false)}>
  <dl class="keys">${KEYS.map(([key, what]) => html`<div key=${what}><dt>${words(what)}</dt><dd><kbd>${key}</kbd></dd></div>`)}</dl><//>`);

addEventListener("keydown", (event) => {
  if (standing.value !== "signed-in" || event.defaultPrevented || event.isComposing) return;
  const hasControl = event.ctrlKey || event.metaKey;
  if (hasControl && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openJump();
  } else if (event.altKey && !hasControl && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    next(event.key === "ArrowDown" ? 1 : -1);
  } else if (event.key === "?" && !hasControl && !isWriting(event.target)) {
    event.preventDefault();
    openShortcuts();
  }
});

/** @param {number} step */
function next(step) {
  const all = conversations.value;
  if (all.length === 0) return;
  const at = all.findIndex((one) => one.address === route.value[1]);
  go(chatPath(all[(at + step + all.length) % all.length].address));
}

/** @param {EventTarget | null} target */
const isWriting = (target) => target instanceof HTMLElement && (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName));
