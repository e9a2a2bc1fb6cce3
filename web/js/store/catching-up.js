// What was said while this page was not there for it: in what it had opened, and in the rooms that it comes into.
import { batch, effect } from "@preact/signals";
import * as api from "../api/chat.js";
import { connection, on } from "../api/events.js";
import { PAGE, conversation, conversationsLoaded, isInRoom, knownConversations, loadConversations, openConversation, readUntil, take } from "./conversations.js";
import { onSignOut, session } from "./session.js";

/** @typedef {import("./conversations.js").Conversation} Conversation */

/** The newest message that was known when the stream broke: what comes by the next one may leave a gap behind it. */
let knownBefore = "";
let interruptions = 0;
/** The conversations of the list that came first. @type {Set<string> | null} */
let listed = null;
/** What waits for that list. @type {(() => void)[]} */
let waiting = [];

/** The first list of conversations. */
export async function beginConversations() {
  listed = new Set(await loadConversations());
  knownBefore ||= newest();
  for (const go of waiting) go();
  waiting = [];
}

effect(() => {
  if (connection.value.state === "connected") return;
  interruptions++;
  knownBefore ||= newest();
});

/** The newest message that the service has, in all conversations but rooms: ids are in the order of time. */
function newest() {
  const ids = knownConversations()
    .filter((one) => !isInRoom(one.address))
    .map((one) => one.messages.peek().findLast((message) => message.id)?.id ?? "");
  return ids.reduce((most, id) => (id > most ? id : most), "");
}

// What was said to the person's other devices before this one was there for it is only in the history.
on("present", () => catchUp());

/** @param {number} [wait] until it is tried again */
async function catchUp(wait = 500) {
  const again = () => setTimeout(() => session.value && catchUp(Math.min(30_000, 2 * wait)), wait);
  if (!conversationsLoaded.value) return again();
  const interruption = interruptions;
  try {
    const after = knownBefore || newest();
    if (after) await takeAfter(after).catch(unlessForgotten(loadAllLater));
    // Where the stream broke again meanwhile, something may be missing since then.
    if (interruption === interruptions) knownBefore = "";
  } catch {
    again();
  }
}

/** The last message that is known here may be forgotten there: then something else is done. @param {() => Promise<void>} otherwise */
const unlessForgotten = (otherwise) => (/** @type {any} */ problem) => {
  if (problem.status !== 404) throw problem;
  return otherwise();
};

/** What was said last with everybody, and what is missing in that which was opened. */
async function loadAllLater() {
  await loadConversations();
  for (const one of knownConversations()) if (one.opened.peek() && !isInRoom(one.address)) await loadBack(one);
}

/** Takes the end of a conversation back to where this page knows it. @param {Conversation} one */
async function loadBack(one) {
  const known = one.messages.peek().findLast((message) => message.id)?.at ?? 0;
  /** @type {string | undefined} */
  let before;
  for (let isKnown = false; !isKnown; ) {
    const { messages, complete } = await api.history({ with: one.address, before, limit: PAGE });
    batch(() => messages.forEach((view) => take(view, false)));
    isKnown = complete || messages.length === 0 || messages[0].id === before || Date.parse(messages[0].at) <= known;
    before = messages[0]?.id;
  }
}

/** Takes all that was said after a message. @param {string} after @param {{with?: string}} [where] */
async function takeAfter(after, where = {}) {
  for (let isComplete = false; !isComplete; ) {
    const next = await api.history({ ...where, after, limit: PAGE });
    batch(() => next.messages.forEach((view) => take(view, false)));
    const last = next.messages.at(-1)?.id;
    // Whatever the service says, nobody asks twice for the same.
    isComplete = next.complete || !last || last === after;
    after = last ?? after;
  }
}

/** What was said in a room is not among what was said with people: it is asked for when this page has come into it. */
on("room-presence", ({ room, own, show }) => {
  if (!own || show === null) return;
  const one = conversation(room);
  one.entries++;
  (one.opened.value ? loadLater(one) : openRoom(one)).catch(() => {});
});

/** @param {Conversation} one */
async function openRoom(one) {
  await openConversation(one);
  if (!listed) await new Promise((resolve) => waiting.push(() => resolve(undefined)));
  // How far it was read is told by the list. What was said in another room before this person came in is not called new.
  if (!listed?.has(one.address) && one.readAt.value === 0) readUntil(one, one.last.value?.at ?? 0);
}

/** What was said after the last message that is there. @param {Conversation} one */
async function loadLater(one) {
  const last = one.messages.value.findLast((message) => message.id)?.id;
  if (last) await takeAfter(last, { with: one.address }).catch(unlessForgotten(() => loadBack(one)));
}

onSignOut(() => {
  knownBefore = "";
  listed = null;
  waiting = [];
});
