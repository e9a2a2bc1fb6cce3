// The notice board: announcements, searched, and which of them the person has seen.
import { computed, effect, signal } from "@preact/signals";
import * as api from "../api/notices.js";
import { seen as saySeen, wording } from "../api/alerts.js";
import { on } from "../api/events.js";
import { language, words } from "../words.js";
import { badges } from "../views/places.js";
import { isQuiet, notify, play } from "./notifications.js";
import { onSignOut } from "./session.js";

/** @typedef {import("../api/alerts.js").Alert} Notice */

/** What this browser knows, by id. @type {import("@preact/signals").Signal<Map<string, Notice>>} */
const known = signal(new Map());
/** The ids that are shown, newest first; null before the list has come. @type {import("@preact/signals").Signal<string[] | null>} */
const shown = signal(null);
/** Where the next page is. @type {import("@preact/signals").Signal<string | null>} */
export const nextPage = signal(null);
/** What is searched for. */
export const searched = signal("");
/** What is on the board now, as it was searched. */
export const notices = computed(() => shown.value?.flatMap((id) => known.value.get(id) ?? []) ?? null);

/** @param {string} id */
export const notice = (id) => known.value.get(id);

/** @param {Notice} one */
export const isUnread = (one) => one.seen !== true;

/** Asks for the board. @param {string} [text] only those with these words */
export async function loadNotices(text = searched.value) {
  searched.value = text;
  const page = await api.list(text);
  if (text !== searched.value) return;
  remember(page.items);
  shown.value = page.items.map((one) => one.id);
  nextPage.value = page.next;
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
  remember([{ ...one, seen: true }]);
}

/** What comes by the event stream. @param {Notice} one @param {boolean} isNew */
export function takeNotice(one, isNew) {
  const wasKnown = known.value.has(one.id);
  remember([one]);
  if (!wasKnown && shown.value && !searched.value) shown.value = [one.id, ...shown.value.filter((id) => id !== one.id)];
  if (!isNew || wasKnown || isQuiet() || !isUnread(one)) return;
  play("message");
  if (document.visibilityState === "visible" && document.hasFocus()) return;
  notify(words("notices.new"), wording(one, language.value).headline, one.id, `/notices/${one.id}`);
}

/** Called when somebody has signed in. */
export const restoreNotices = () => loadNotices("");

effect(() => {
  badges.notices.value = [...known.value.values()].filter((one) => one.status === "in-force" && isUnread(one)).length;
});
on("alert-ended", ({ alert, status }) => {
  const one = known.value.get(alert);
  if (one) remember([{ ...one, status }]);
});
on("ready", ({ resumed }) => {
  // Of a new stream nobody knows what was missed before it.
  if (!resumed && shown.value) loadNotices().catch(() => {});
});
onSignOut(() => {
  known.value = new Map();
  shown.value = null;
  searched.value = "";
});

/** @param {Notice[]} those */
function remember(those) {
  const next = new Map(known.value);
  for (const one of those) next.set(one.id, { ...one, seen: one.seen || next.get(one.id)?.seen });
  known.value = next;
}
