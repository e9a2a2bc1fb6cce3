// Conversations: what was said in each, how far it was read, and which come first.
import { batch, computed, effect, signal } from "@preact/signals";
import * as api from "../api/chat.js";
import { connection, on } from "../api/events.js";
import { keep, kept } from "./kept.js";
import { onSignOut, session } from "./session.js";
import { insert, patchByMark, settleOwn } from "./messages.js";

/** @typedef {import("../api/chat.js").Message} Message */
/** @template T @typedef {import("@preact/signals").Signal<T>} Signal */

/**
 * @typedef {object} Conversation
 * @property {string} address
 * @property {string} keptAs under which address the service keeps it
 * @property {Signal<Message[]>} messages oldest first
 * @property {Signal<boolean>} complete whether the first message ever is among them
 * @property {Signal<boolean>} opened whether its own page of history was asked for
 * @property {Signal<boolean>} loading
 * @property {{before: string}} cursor where the page before those that are loaded begins
 * @property {Signal<number>} readAt up to when one has read it
 * @property {Signal<{count: number, upTo: number}>} unreadThere how much the service said is unread, of what was said up to then
 * @property {Signal<number>} lineAt before which message the line of the new ones stands: after this time; 0 for none
 * @property {Signal<number>} othersRead up to when the other has read it
 * @property {Signal<number>} othersReceived up to when the other has it
 * @property {Signal<Map<string, number>>} typing who types, until when
 * @property {Signal<string>} draft
 * @property {Signal<number>} saidHere how many messages were said in this page
 * @property {import("@preact/signals").ReadonlySignal<number>} unread
 * @property {import("@preact/signals").ReadonlySignal<Message | undefined>} last
 */

const FIRST_PAGE = 60;
const PAGE = 200;
/** How much is asked for where the last that was said changes something else. */
const BEFORE_CHANGE = 20;
const TYPING_LASTS = 12_000;

/** @type {Signal<Map<string, Conversation>>} */
const all = signal(new Map());
export const conversationsLoaded = signal(false);

/** The conversation that was opened with something unread in it: it keeps its place in the list while it is read. */
export const held = signal("");

/** Unread first, then what was said last. */
export const conversations = computed(() => {
  const isFirst = (/** @type {Conversation} */ one) => Number(one.unread.value > 0 || one.address === held.value);
  return [...all.value.values()]
    .filter((one) => one.last.value)
    .sort((one, other) => isFirst(other) - isFirst(one) || (other.last.value?.at ?? 0) - (one.last.value?.at ?? 0));
});
export const unreadCount = computed(() => conversations.value.reduce((sum, one) => sum + one.unread.value, 0));

/** Whoever wants to know of messages that come now. @type {Set<(message: Message, late: boolean) => void>} */
const arrivals = new Set();
/** @param {(message: Message, late: boolean) => void} listener */
export const onArrival = (listener) => void arrivals.add(listener);

/** Whoever wants to know that somebody asks the person into a room. @type {Set<(room: string, from: string) => void>} */
const invitations = new Set();
/** @param {(room: string, from: string) => void} listener */
export const onInvitation = (listener) => void invitations.add(listener);

/** A conversation; a new one where there is none yet. @param {string} address @returns {Conversation} */
export function conversation(address) {
  const known = all.peek().get(address);
  if (known) return known;
  /** @type {Signal<Message[]>} */
  const messages = signal([]);
  const readAt = signal(kept(`read.${address}`, 0));
  const unreadThere = signal({ count: 0, upTo: 0 });
  /** @type {Conversation} */
  const made = {
    address, keptAs: api.keptUnder(address, session.value?.domain ?? ""), messages, readAt, unreadThere,
    complete: signal(false), opened: signal(false), loading: signal(false), cursor: { before: "" }, lineAt: signal(0),
    othersRead: signal(0), othersReceived: signal(0), typing: signal(new Map()), draft: signal(kept(`draft.${address}`, "")), saidHere: signal(0),
    // What is not loaded yet was counted by the service.
    unread: computed(() => {
      const { count, upTo } = unreadThere.value;
      const here = countAfter(messages.value, readAt.value);
      return readAt.value >= upTo ? here : Math.max(here, count + countAfter(messages.value, upTo));
    }),
    last: computed(() => messages.value.findLast((one) => !one.retracted) ?? messages.value.at(-1)),
  };
  all.value = new Map(all.peek()).set(address, made);
  return made;
}

/** Asks what was said last with everybody, and how far it was read. */
export async function loadConversations() {
  const those = (await api.conversations()).filter(({ last }) => last);
  const found = those.map((view) => ({ ...view, one: conversation(api.listedAs(view, session.value?.domain ?? "")) }));
  batch(() => {
    for (const { one, with: keptAs, last, unread, read_at } of found) {
      one.keptAs = keptAs;
      take(last, false);
      if (read_at) advance(one.readAt, Date.parse(read_at));
      if (!unread) advance(one.readAt, Date.parse(last.at));
      // What only changes something else is no message that could be read here: what is loaded is counted then.
      if (["text", "file", "other"].includes(last.content)) one.unreadThere.value = { count: unread, upTo: Date.parse(last.at) };
    }
  });
  // What was said last changes something before it: that is needed, too.
  for (const { one } of found) {
    if (one.last.value) continue;
    const { messages } = await api.history({ with: one.keptAs, limit: BEFORE_CHANGE });
    batch(() => messages.forEach((view) => take(view, false)));
  }
  knownBefore ||= newest();
  conversationsLoaded.value = true;
}

/** The newest page of one conversation. @param {Conversation} one @returns {Promise<void>} */
export async function openConversation(one) {
  if (one.opened.value || one.loading.value) return;
  const before = entries;
  try {
    await page(one, { limit: FIRST_PAGE });
  } catch (problem) {
    // A room is read by those who are in it, and perhaps this page was on its way into it.
    if (/** @type {any} */ (problem).status === 403 && entries !== before) return openConversation(one);
    throw problem;
  }
  one.opened.value = true;
}

/** How often this page has come into a room. */
let entries = 0;

/** What was said in a room is not among what was said with people: it is asked for when this page has come into it. */
on("room-presence", ({ room, own, show }) => {
  if (!own || show === null) return;
  entries++;
  const one = conversation(room);
  (one.opened.value ? loadLater(one) : openRoom(one)).catch(() => {});
});

/** @param {Conversation} one */
async function openRoom(one) {
  await openConversation(one);
  // How far it was read on other devices nobody tells: what was said before this browser came in is not called new.
  if (one.readAt.value === 0) readUntil(one, one.last.value?.at ?? 0);
}

/** What was said after the last message that is there. @param {Conversation} one */
async function loadLater(one) {
  const last = one.messages.value.findLast((message) => message.id)?.id;
  if (last) await takeAfter(last, { with: one.keptAs });
}

/** Takes all that was said after a message. @param {string} after @param {{with?: string}} [where] */
async function takeAfter(after, where = {}) {
  for (let isComplete = false; !isComplete; ) {
    const next = await api.history({ ...where, after, limit: 200 });
    batch(() => next.messages.forEach((view) => take(view, false)));
    after = next.messages.at(-1)?.id ?? after;
    isComplete = next.complete || next.messages.length === 0;
  }
}

/** The page before the first message. @param {Conversation} one */
export async function loadEarlier(one) {
  if (one.complete.value || one.loading.value || !one.opened.value || !one.cursor.before) return;
  await page(one, { before: one.cursor.before });
}

/** What was said around a message that was found, which may be long before what is loaded. @param {Conversation} one @param {Message} found */
export async function loadAround(one, found) {
  const limit = 30;
  const pages = await Promise.all([
    api.history({ with: one.keptAs, before: found.id ?? undefined, limit }),
    api.history({ with: one.keptAs, after: found.id ?? undefined, limit }),
  ]);
  batch(() => {
    insert(one.messages, found);
    for (const { messages } of pages) messages.forEach((view) => take(view, false));
  });
}

/**
 * Loads a page, and what lies before it as long as there are only receipts.
 * @param {Conversation} one @param {{before?: string, limit?: number}} where
 */
async function page(one, where) {
  one.loading.value = true;
  const count = one.messages.value.length;
  try {
    do {
      const { messages, complete } = await api.history({ with: one.keptAs, limit: PAGE, ...where });
      batch(() => {
        messages.forEach((view) => take(view, false));
        if (messages.length) one.cursor.before = messages[0].id;
        if (complete) one.complete.value = true;
      });
      where = { before: one.cursor.before };
    } while (one.messages.value.length === count && !one.complete.value && one.opened.value);
  } catch (problem) {
    // A name of which no address can be made has no page of its own.
    if (![400, 404, 422].includes(/** @type {any} */ (problem).status)) throw problem;
    one.complete.value = true;
  } finally {
    one.loading.value = false;
  }
}

/** What is being written is kept until it is said. @param {Conversation} one @param {string} text */
export function setDraft(one, text) {
  one.draft.value = text;
  keep(`draft.${one.address}`, text || undefined);
}

/** Says that everything in it was read, to the sender and to one's other devices. @param {Conversation} one */
export function markRead(one) {
  const last = one.messages.value.findLast((message) => !message.own && message.id);
  if (!last || last.at <= one.readAt.value) return;
  readUntil(one, last.at);
  api.readUpTo(one.keptAs, last.mark);
}

/** Remembers here up to when it was read. @param {Conversation} one @param {number} at */
export function readUntil(one, at) {
  if (at <= one.readAt.value) return;
  one.readAt.value = at;
  keep(`read.${one.address}`, at);
}

/**
 * Takes what the service says into its conversation.
 * @param {any} view
 * @param {boolean} isLive whether it is said now, and not read in the history
 * @param {boolean} [late]
 */
export function take(view, isLive, late = false) {
  const me = session.value?.address ?? "";
  const { conversation: address, from, own, at, said } = api.read(view, me);
  if (said.kind === "nothing") return;
  if (said.kind === "invitation") return void (isLive && !own && invitations.forEach((listener) => listener(said.room, from)));
  const one = conversation(address);
  if (said.kind === "message") {
    if (own) settleOwn(one.messages, said.message);
    else insert(one.messages, said.message);
    if (own) advance(one.readAt, at);
    else if (isLive) stopTyping(one, from);
    if (isLive && !own) {
      if (said.message.verified && !isInRoom(address)) api.received(address, said.message.mark);
      arrivals.forEach((listener) => listener(said.message, late));
    }
  } else if (said.kind === "receipt") {
    const meant = one.messages.value.findLast((message) => message.mark === said.of);
    const upTo = meant?.at ?? at;
    if (own && said.seen) advance(one.readAt, upTo);
    else if (!own) {
      advance(one.othersReceived, upTo);
      if (said.seen) advance(one.othersRead, upTo);
    }
  } else if (said.kind === "typing" && isLive && !own) {
    if (said.composing) startTyping(one, from);
    else stopTyping(one, from);
  } else if (said.kind === "reaction") {
    patchByMark(one.messages, said.of, (message) => ({ reactions: withReactions(message.reactions, from, said.emoji) }));
  } else if (said.kind === "correction") {
    patchByMark(one.messages, said.of, (message) => (message.from === from ? { text: said.text, edited: at } : {}));
  } else if (said.kind === "retraction") {
    patchByMark(one.messages, said.of, (message) => (message.from === from ? { retracted: true, text: "", file: null } : {}));
  }
}

/** @param {Record<string, string[]>} now @param {string} who @param {string[]} emoji */
export function withReactions(now, who, emoji) {
  /** @type {Record<string, string[]>} */
  const changed = {};
  for (const [one, people] of Object.entries(now)) {
    const rest = people.filter((person) => person !== who);
    if (rest.length) changed[one] = rest;
  }
  for (const one of emoji) changed[one] = [...(changed[one] ?? []), who];
  return changed;
}

/** What has come and is not taken yet: a flood is taken in portions, each with one change of the screen. @type {any[]} */
let flood = [];
let lastTaken = 0;
const PORTION_EVERY = 60;

/** @param {any} event */
function come(event) {
  flood.push(event);
  if (flood.length > 1) return;
  // The first is taken at once: timers of pages that nobody looks at are slow.
  const wait = PORTION_EVERY - (Date.now() - lastTaken);
  if (wait <= 0) takeFlood();
  else setTimeout(takeFlood, wait);
}

function takeFlood() {
  const those = flood;
  flood = [];
  lastTaken = Date.now();
  batch(() => {
    for (const event of those) {
      try {
        take(event, true, event.late);
      } catch (error) {
        // One message that cannot be read must not take the others with it.
        console.error(error);
      }
    }
  });
}

on("message", come);
on("carbon", come);

/** The newest message that was known when the stream broke: what comes by the next one may leave a gap behind it. */
let knownBefore = "";
let interruptions = 0;
effect(() => {
  if (connection.value.state === "connected") return;
  interruptions++;
  knownBefore ||= newest();
});

/** The newest message that the service has, in all conversations but rooms: ids are in the order of time. */
function newest() {
  const ids = [...all.peek().values()]
    .filter((one) => !isInRoom(one.address))
    .map((one) => one.messages.peek().findLast((message) => message.id)?.id ?? one.last.peek()?.id ?? "");
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
    if (after) await takeAfter(after);
    // Where the stream broke again meanwhile, something may be missing since then.
    if (interruption === interruptions) knownBefore = "";
  } catch (problem) {
    // The last message that is known here may have been forgotten there.
    if (/** @type {any} */ (problem).status === 404) loadConversations().catch(() => again());
    else again();
  }
}

onSignOut(() => {
  knownBefore = "";
  all.value = new Map();
  conversationsLoaded.value = false;
});

/** @param {Conversation} one @param {string} who */
function startTyping(one, who) {
  const until = Date.now() + TYPING_LASTS;
  one.typing.value = new Map(one.typing.value).set(who, until);
  setTimeout(() => {
    if (one.typing.value.get(who) === until) stopTyping(one, who);
  }, TYPING_LASTS);
}

/** @param {Conversation} one @param {string} who */
function stopTyping(one, who) {
  if (!one.typing.value.has(who)) return;
  const rest = new Map(one.typing.value);
  rest.delete(who);
  one.typing.value = rest;
}

/** In rooms nobody is told what has come. @param {string} address */
const isInRoom = (address) => address.endsWith(`@${session.value?.rooms_domain}`);

/** @param {Signal<number>} mark @param {number} at */
function advance(mark, at) {
  if (at > mark.value) mark.value = at;
}

/** @param {Message[]} messages @param {number} at */
function countAfter(messages, at) {
  let count = 0;
  for (let index = messages.length - 1; index >= 0 && messages[index].at > at; index--) if (!messages[index].own && !messages[index].retracted) count++;
  return count;
}
