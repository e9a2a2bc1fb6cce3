// Conversations: what was said in each, how far it was read, and which come first.
import { batch, computed, signal } from "@preact/signals";
import * as api from "../api/chat.js";
import { on } from "../api/events.js";
import { keep, kept } from "./kept.js";
import { onSignOut, session } from "./session.js";
import { insert, patchByMark, settleOwn } from "./messages.js";

/** @typedef {import("../api/chat.js").Message} Message */
/** @template T @typedef {import("@preact/signals").Signal<T>} Signal */

/**
 * @typedef {object} Conversation
 * @property {string} address
 * @property {Signal<Message[]>} messages oldest first
 * @property {Signal<boolean>} complete whether the first message ever is among them
 * @property {Signal<boolean>} opened whether its own page of history was asked for
 * @property {Signal<boolean>} loading
 * @property {{before: string}} cursor where the page before those that are loaded begins
 * @property {number} entries how often this page has come into it, where it is a room
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
export const PAGE = 200;
/** How much is asked for where something was changed after what was said last. */
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

/** Whoever wants to know how far something was read, as the service says. @type {Set<(address: string, upTo: number) => void>} */
const readings = new Set();
/** @param {(address: string, upTo: number) => void} listener */
export const onRead = (listener) => void readings.add(listener);

/** All conversations that this page knows of, also without words. */
export const knownConversations = () => [...all.peek().values()];

/** What whoever is on the other side calls themselves, where that is all that is known of them. @param {string} address */
export const strangersName = (address) => all.value.get(address)?.messages.value.findLast((message) => !message.own && !message.verified)?.from;

/** From where the last message of a name without proof came, as far as it is loaded. @param {string} address */
export const strangersSource = (address) => all.value.get(address)?.messages.value.findLast((message) => !message.own && !message.verified)?.source ?? "";

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
    address, messages, readAt, unreadThere, entries: 0,
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

/** Asks what was said last with everybody, and how far it was read. Gives the addresses of those that it was told of. */
export async function loadConversations() {
  const those = (await api.conversations()).filter(({ last }) => last);
  const found = those.map((view) => ({ ...view, one: conversation(view.with) }));
  batch(() => {
    for (const { one, last, unread, read_at } of found) {
      take(last, false);
      if (read_at) advance(one.readAt, Date.parse(read_at));
      if (read_at) readings.forEach((listener) => listener(one.address, Date.parse(read_at)));
      if (!unread) advance(one.readAt, Date.parse(last.at));
      // What only changes something else is no message that could be read here: what is loaded is counted then.
      if (isWords(last)) one.unreadThere.value = { count: unread, upTo: Date.parse(last.at) };
    }
  });
  // What changes something before it, perhaps what is shown, needs that, too.
  for (const { one, last, changed } of found) if (changed || !isWords(last)) await loadChanged(one);
  conversationsLoaded.value = true;
  return those.map((view) => view.with);
}

/** Whether what was said is something to read, and changes nothing else. @param {any} view */
const isWords = (view) => ["text", "file", "other"].includes(view.content);

/** Takes the end of a conversation in which something was changed since words were said. @param {Conversation} one */
async function loadChanged(one) {
  const { messages, complete } = await api.history({ with: one.address, limit: BEFORE_CHANGE });
  batch(() => {
    messages.forEach((view) => take(view, false));
    // Where all that is unread is there, it is counted here: what was taken back is not to be read any more.
    if (complete || Date.parse(messages[0]?.at) <= one.readAt.value) one.unreadThere.value = { count: 0, upTo: 0 };
  });
}

/** The newest page of one conversation. @param {Conversation} one @returns {Promise<void>} */
export async function openConversation(one) {
  if (one.opened.value || one.loading.value) return;
  const before = one.entries;
  try {
    await page(one, { limit: FIRST_PAGE });
  } catch (problem) {
    // A room is read by those who are in it, and perhaps this page was on its way into it.
    if (/** @type {any} */ (problem).status === 403 && one.entries !== before) return openConversation(one);
    throw problem;
  }
  one.opened.value = true;
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
    api.history({ with: one.address, before: found.id ?? undefined, limit }),
    api.history({ with: one.address, after: found.id ?? undefined, limit }),
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
      const { messages, complete } = await api.history({ with: one.address, limit: PAGE, ...where });
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
  api.readUpTo(one.address, last.mark);
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
    if (own && said.seen) {
      advance(one.readAt, upTo);
      readings.forEach((listener) => listener(address, upTo));
    } else if (!own) {
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

onSignOut(() => {
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
export const isInRoom = (address) => address.endsWith(`@${session.value?.rooms_domain}`);

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
