// Everything by keyboard: keys that work everywhere.
import { chatPath, go, route } from "../router.js";
import { conversations } from "../store/conversations.js";
import { standing } from "../store/session.js";
import { openJump, openShortcuts } from "./dialogs.js";

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
