// What was said and is not yet the service's: kept in this browser until it is, and sent in its order.
import { computed, effect, signal } from "@preact/signals";
import * as api from "../api/chat.js";
import { connection } from "../api/events.js";
import { conversation, strangersSource } from "./conversations.js";
import { drop as removeMessage, insert, patchByMark, settle } from "./messages.js";
import { keep, kept, keptNames } from "./kept.js";
import { onSignOut, session } from "./session.js";
import { explain } from "./toasts.js";

/** @typedef {import("../api/chat.js").Message} Message */

/** @type {import("@preact/signals").Signal<Message[]>} */
const waiting = signal([]);
/** How many messages wait to be sent. */
export const waitingCount = computed(() => waiting.value.filter((one) => one.state === "waiting").length);
/** Marks of what was said on this connection and is not answered. */
const said = new Set();
/** How often a message was not answered. @type {Map<string, number>} */
const tries = new Map();
const TRIES = 3;

/** @param {string} address @param {Partial<Message>} what */
export function send(address, what) {
  const message = api.draft(address, session.value?.address ?? "", { source: strangersSource(address), ...what });
  const one = conversation(address);
  insert(one.messages, message);
  one.saidHere.value++;
  set(message);
  flush();
}

/** @param {Message} message */
export function sendAgain(message) {
  tries.delete(message.mark);
  update(message, { state: "waiting", problem: "" });
  flush();
}

/** @param {Message} message */
export function discard(message) {
  removeMessage(conversation(message.conversation).messages, message.key);
  drop(message);
}

/** Brings back what waited when the page was left. */
export function restoreOutbox() {
  /** @type {(Message | null)[]} */
  const all = keptNames("outbox.").map((name) => kept(name, null));
  waiting.value = all.flatMap((message) => message ?? []).sort((one, other) => one.at - other.at);
  for (const message of waiting.value) insert(conversation(message.conversation).messages, message);
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
    settle(conversation(message.conversation).messages, message, taken);
    drop(message);
  } catch (problem) {
    const isAway = /** @type {any} */ (problem).kind === "unreachable" && connection.value.state !== "connected";
    const count = (tries.get(message.mark) ?? 0) + (isAway ? 0 : 1);
    tries.set(message.mark, count);
    // What is not answered although the service is there must not keep the rest from being sent for ever.
    if (/** @type {any} */ (problem).kind !== "unreachable" || count >= TRIES) update(message, { state: "failed", problem: explain(problem) });
  } finally {
    said.delete(message.mark);
  }
}

/** @param {Message} message @param {Partial<Message>} change */
function update(message, change) {
  patchByMark(conversation(message.conversation).messages, message.mark, () => change);
  set({ ...message, ...change });
}

/** @param {Message} message */
function set(message) {
  const isKnown = waiting.value.some((one) => one.mark === message.mark);
  waiting.value = isKnown ? waiting.value.map((one) => (one.mark === message.mark ? message : one)) : [...waiting.value, message];
  keep(`outbox.${message.mark}`, message);
}

/** @param {Message} message */
function drop(message) {
  waiting.value = waiting.value.filter((one) => one.mark !== message.mark);
  keep(`outbox.${message.mark}`, undefined);
}

effect(() => {
  if (connection.value.state === "connected") queueMicrotask(flush);
});
onSignOut(() => (waiting.value = []));
