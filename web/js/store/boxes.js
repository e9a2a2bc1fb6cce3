// Message boxes: what NET SEND and WinPopup send opens as a box, one after another, until it is closed by OK.
import { signal } from "@preact/signals";
import { readUpTo } from "../api/chat.js";
import { conversation, onArrival, onRead, readUntil } from "./conversations.js";
import { keep, kept, onKept } from "./kept.js";
import { onSignOut } from "./session.js";

/** @typedef {import("../api/chat.js").Message} Message */

/** What waits for OK, oldest first. @type {import("@preact/signals").Signal<Message[]>} */
export const boxes = signal([]);

// A box that is closed in one tab is closed in all of them.
onKept("boxes", (value) => (boxes.value = value ?? []));

/** Closes the first: it was read. */
export function closeBox() {
  const [first, ...rest] = boxes.value;
  if (first) {
    const one = conversation(first.conversation);
    readUntil(one, first.at);
    readUpTo(one.address, first.mark);
  }
  set(rest);
}

/** Brings back what was not closed when the page was left. */
export function loadBoxes() {
  boxes.value = kept("boxes", []);
}

onArrival((message) => {
  if (message.protocol === "windows" && !boxes.value.some((one) => one.id === message.id)) set([...boxes.value, message]);
});
// What was closed in another browser was read there.
onRead((address, upTo) => {
  const rest = boxes.value.filter((one) => one.conversation !== address || one.at > upTo);
  if (rest.length < boxes.value.length) set(rest);
});
onSignOut(() => (boxes.value = []));

/** @param {Message[]} now */
function set(now) {
  boxes.value = now;
  keep("boxes", now);
}
