// What was said and is not yet the service's: kept in this browser until it is, and sent in its order.
import { computed, effect, signal } from "@preact/signals";
import * as api from "../api/chat.js";
import { connection } from "../api/events.js";
import { conversation } from "./conversations.js";
import { drop, insert, patchByMark } from "./messages.js";
import { onSignOut, session } from "./session.js";
import { explain } from "./toasts.js";

/** @typedef {import("../api/chat.js").Message} Message */

/** @type {import("@preact/signals").Signal<Message[]>} */
const waiting = signal([]);
/** How many messages wait to be sent. */
export const waitingCount = computed(() => waiting.value.filter((one) => one.state === "waiting").length);
/** Marks of what was said on this connection and is not answered. */
const said = new Set();

/** @param {string} address @param {Partial<Message>} what */
export function send(address, what) {
  const message = api.draft(address, session.value?.address ?? "", what);
  const one = conversation(address);
  insert(one.messages, message);
  one.saidHere.value++;
  keep([...waiting.value, message]);
  flush();
}

/** @param {Message} message */
export function sendAgain(message) {
  update(message, { state: "waiting", problem: "" });
  flush();
}

/** @param {Message} message */
export function discard(message) {
  drop(conversation(message.conversation).messages, message.key);
  keep(waiting.value.filter((one) => one.mark !== message.mark));
}

/** Brings back what waited when the page was left. */
export function restoreOutbox() {
  /** @type {Message[]} */
  const kept = JSON.parse(localStorage.getItem(key()) ?? "[]");
  for (const message of kept) insert(conversation(message.conversation).messages, message);
  waiting.value = kept;
  flush();
}

function flush() {
  if (connection.value.state !== "connected") return;
  for (const message of waiting.value) if (message.state === "waiting" && !said.has(message.mark)) deliver(message);
}

/** @param {Message} message */
async function deliver(message) {
  said.add(message.mark);
  try {
    const taken = await api.send(message);
    patchByMark(conversation(message.conversation).messages, message.mark, () => ({ id: taken.message, at: Date.parse(taken.at), state: "sent" }));
    keep(waiting.value.filter((one) => one.mark !== message.mark));
  } catch (problem) {
    if (/** @type {any} */ (problem).kind !== "unreachable") update(message, { state: "failed", problem: explain(problem) });
  } finally {
    said.delete(message.mark);
  }
}

/** @param {Message} message @param {Partial<Message>} change */
function update(message, change) {
  patchByMark(conversation(message.conversation).messages, message.mark, () => change);
  keep(waiting.value.map((one) => (one.mark === message.mark ? { ...one, ...change } : one)));
}

/** @param {Message[]} now */
function keep(now) {
  waiting.value = now;
  localStorage.setItem(key(), JSON.stringify(now));
}

const key = () => `messngr.outbox.${session.value?.address}`;

effect(() => {
  if (connection.value.state === "connected") queueMicrotask(flush);
});
onSignOut(() => (waiting.value = []));
