// The notice board: announcements, searched, and which of them the person has seen.
import { computed, effect, signal } from "@preact/signals";
import * as api from "../api/notices.js";
import { seen as saySeen, wording } from "../api/alerts.js";
import { on } from "../api/events.js";
import { language, words } from "../words.js";
import { badges } from "../views/places.js";
import { isQuiet, notify, play } from "./notifications.js";
import { onSignOut, session } from "./session.js";

/** @typedef {import("../api/alerts.js").Alert} Notice */

/** What this browser knows, by id. @type {import("@preact/signals").Signal<Map<string, Notice>>} */
const known = signal(new Map());
/** The ids that are shown, newest first; null before the list has come. @type {import("@preact/signals").Signal<string[] | null>} */
const shown = signal(null);
/** Where the next page is. @type {import("@preact/signals").Signal<string | null>} */
export const nextPage = signal(null);
/** What is searched for. */
export const searched = signal("");
/** @type {import("@preact/signals").Signal<Set<string>>} */
const read = signal(new Set());

/** What is on the board now, as it was searched. */
export const notices = computed(() => shown.value?.flatMap((id) => known.value.get(id) ?? []) ?? null);

/** @param {string} id */
export const notice = (id) => known.value.get(id);

/** @param {Notice} one */
export const isUnread = (one) => !read.value.has(one.id) && one.seen !== true;

/** Asks for the board. @param {string} [text] only those with these words */
export async function loadNotices(text = searched.value) {
  searched.value = text;
  const page = await api.list(text, session.value?.name ?? "");
  if (text !== searched.value) return;
  if (page) {
    remember(page.items);
    shown.value = page.items.map((one) => one.id);
    nextPage.value = page.next;
  } else {
    // The service tells the board only to those who may read it all: then what has come by the stream is all there is.
    nextPage.value = null;
    shown.value = [...known.value.values()].filter((one) => has(one, text)).sort(newest).map((one) => one.id);
  }
}

export async function loadMore() {
  if (!nextPage.value) return;
  const page = await api.more(nextPage.value);
  remember(page.items);
  shown.value = [...(shown.value ?? []), ...page.items.map((one) => one.id)];
  nextPage.value = page.next;
}

/** Says that the person has looked at it. @param {Notice} one */
export function markRead(one) {
  if (!isUnread(one)) return;
  saySeen(one.id);
  read.value = new Set(read.value).add(one.id);
  keep();
}

/** What comes by the event stream. @param {Notice} one @param {boolean} isNew */
export function takeNotice(one, isNew) {
  const wasKnown = known.value.has(one.id);
  remember([{ ...known.value.get(one.id), ...one }]);
  if (!wasKnown && shown.value && !searched.value) shown.value = [one.id, ...shown.value.filter((id) => id !== one.id)];
  keep();
  if (!isNew || wasKnown || isQuiet() || !isUnread(one)) return;
  play("message");
  if (document.visibilityState === "visible" && document.hasFocus()) return;
  notify(words("notices.new"), wording(one, language.value).headline, one.id, `/notices/${one.id}`);
}

/** Called when somebody has signed in. */
export function restoreNotices() {
  try {
    const { notices = [], read: those = [] } = JSON.parse(localStorage.getItem(key()) ?? "{}");
    read.value = new Set(those);
    remember(notices);
  } catch {
    read.value = new Set();
  }
  return loadNotices("");
}

effect(() => {
  badges.notices.value = [...known.value.values()].filter((one) => one.status === "in-force" && isUnread(one)).length;
});
on("ready", ({ resumed }) => {
  // Of a new stream nobody knows what was missed before it.
  if (!resumed && shown.value) loadNotices().catch(() => {});
});
onSignOut(() => {
  known.value = new Map();
  shown.value = null;
  read.value = new Set();
  searched.value = "";
});

const key = () => `messngr.notices.${session.value?.address}`;

/** @param {Notice[]} those */
function remember(those) {
  const next = new Map(known.value);
  for (const one of those) next.set(one.id, one);
  known.value = next;
}

function keep() {
  const newestOnes = [...known.value.values()].sort(newest).slice(0, 50);
  try {
    localStorage.setItem(key(), JSON.stringify({ notices: newestOnes, read: [...read.value].slice(-500) }));
  } catch {
    // Without a place to keep it, it holds as long as the page.
  }
}

/** @param {Notice} one @param {Notice} other */
const newest = (one, other) => other.effective_at.localeCompare(one.effective_at);

/** @param {Notice} one @param {string} text */
function has(one, text) {
  const all = [one, ...Object.values(one.translations ?? {})].map((words) => `${words.headline} ${words.text}`).join(" ").toLowerCase();
  return text.toLowerCase().split(/\s+/).every((word) => all.includes(word));
}
