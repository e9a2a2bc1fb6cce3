// Telling the person that something came while they look elsewhere: by the browser's notifications and by a sound.
import { computed, signal } from "@preact/signals";
import { words } from "../words.js";
import { chatPath, go, route } from "../router.js";
import { conversation, onArrival } from "./conversations.js";
import { isBusy } from "./own.js";
import { displayName } from "./people.js";
import { change, isQuietHour, settings } from "./settings.js";

/** @type {import("@preact/signals").Signal<"granted" | "denied" | "default" | "unsupported">} */
export const permission = signal("Notification" in globalThis ? Notification.permission : "unsupported");
/** Whether a notification that was allowed could not be shown all the same. */
export const failed = signal(false);

/** Whether it is worth asking for the permission. */
export const wantsPermission = computed(() => permission.value === "default" && settings.value.notifications);

export async function askPermission() {
  permission.value = await Notification.requestPermission();
  if (permission.value === "granted") change({ notifications: true });
}

/** Whether nothing is to ring now. */
export const isQuiet = () => isBusy.value || isQuietHour();

/** @type {Map<string, HTMLAudioElement>} */
const players = new Map();
let lastPlayed = 0;
/** Many messages at once ring once. */
const SILENCE = 1500;

/** @param {"message" | "box" | "alert"} name */
export function play(name) {
  if (!settings.value.sounds || (name === "message" && Date.now() - lastPlayed < SILENCE)) return;
  lastPlayed = Date.now();
  const player = players.get(name) ?? new Audio(`/sounds/${name}.wav`);
  players.set(name, player);
  player.currentTime = 0;
  // A browser that plays nothing before the first touch is no reason for an error.
  player.play().catch(() => {});
}

/**
 * Shows a notification; what it opens is gone to on a click.
 * @param {string} title @param {string} body @param {string} tag what replaces what was shown under the same @param {string} to
 */
export function notify(title, body, tag, to) {
  if (permission.value !== "granted" || !settings.value.notifications) return;
  try {
    const shown = new Notification(title, { body, tag, icon: "/icons/favicon.svg", silent: true });
    shown.onclick = () => {
      window.focus();
      go(to);
      shown.close();
    };
    shown.onerror = () => (failed.value = true);
    shown.onshow = () => (failed.value = false);
  } catch {
    failed.value = true;
  }
}

/** How long one tab rings for all of them, and how much later another may hear of the same message. */
const RINGING = 1000;
const LATER = 20_000;

/**
 * Of several tabs, the first does it: no other while it rings, and none for the same message.
 * @param {string} key @param {() => void} what
 */
function inOneTab(key, what) {
  if (!navigator.locks) return what();
  whoeverIsFirst("messngr.message", RINGING, () => whoeverIsFirst(`messngr.message.${key}`, LATER, what));
}

/** Does it if nobody holds the lock, and holds it for this time. @param {string} name @param {number} time @param {() => void} what */
function whoeverIsFirst(name, time, what) {
  navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
    if (!lock) return;
    what();
    await new Promise((resolve) => setTimeout(resolve, time));
  });
}

/** Whether somebody looks at a conversation now. @param {string} address */
export const isLookedAt = (address) => document.visibilityState === "visible" && document.hasFocus() && route.value[0] === "chats" && route.value[1] === address;

onArrival((message, late) => {
  if (late && conversation(message.conversation).readAt.value >= message.at) return;
  if (isQuiet() || isLookedAt(message.conversation)) return;
  inOneTab(message.key, () => play(message.protocol === "windows" ? "box" : "message"));
  if (document.visibilityState === "visible" && document.hasFocus()) return;
  const who = message.verified ? displayName(message.from) : words("unverified.sender", { name: message.from });
  notify(who, settings.value.previews ? (message.sealed ? words("message.sealed") : message.text.slice(0, 200)) : words("notification.hidden"), message.conversation, chatPath(message.conversation));
});
