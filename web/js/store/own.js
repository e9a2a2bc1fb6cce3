// One's own presence: what was chosen, and away by itself when nobody touches anything.
import { computed, effect, signal } from "@preact/signals";
import * as api from "../api/people.js";
import { get, put } from "../api/http.js";
import { connection, on, say, tell } from "../api/events.js";
import { badges } from "../views/places.js";
import { keep, kept, onKept } from "./kept.js";
import { onSignOut } from "./session.js";
import { settings } from "./settings.js";

/** @typedef {"available" | "away" | "busy" | "invisible"} Chosen */

/** @type {import("@preact/signals").Signal<{show: Chosen, text: string}>} */
export const chosen = signal({ show: "available", text: "" });
/** Whether nobody has touched anything for long. */
const idle = signal(false);

/** What others see. */
export const ownShow = computed(() => {
  if (connection.value.state !== "connected" || chosen.value.show === "invisible") return null;
  return chosen.value.show === "available" && idle.value ? "away" : chosen.value.show;
});
/** Whether nothing is to ring because the person said so. */
export const isBusy = computed(() => chosen.value.show === "busy");

/** @param {Partial<{show: Chosen, text: string}>} change */
export async function choose(change) {
  const wasInvisible = chosen.value.show === "invisible";
  chosen.value = { ...chosen.value, ...change };
  keep("presence", chosen.value);
  const isInvisible = chosen.value.show === "invisible";
  if (wasInvisible !== isInvisible) await put("/me/privacy", { ...(await get("/me/privacy")), invisible: isInvisible });
}

// What is chosen in one tab holds in all of them.
onKept("presence", (value) => (chosen.value = { show: "available", text: "", ...value }));

/** Called when somebody has signed in: what they chose last time holds. */
export function restoreOwn() {
  chosen.value = { show: "available", text: "", ...kept("presence", {}) };
}

let said = "";
let isFresh = true;
effect(() => {
  const { state } = connection.value;
  const { show, text } = chosen.value;
  if (state !== "connected") return void (said = "");
  // The service keeps an invisible person's presence to itself; messages come only to who is there.
  const wanted = show === "invisible" ? "available" : show === "available" && idle.value ? "away" : show;
  const words = `${wanted} ${text}`;
  if (words === said) return;
  said = words;
  api.presence(wanted, text).then(
    () => {
      // From here on nothing passes this device by.
      if (isFresh) tell("present");
      isFresh = false;
    },
    () => (said = ""),
  );
});
effect(() => {
  badges.show.value = ownShow.value;
});

let touched = Date.now();
const look = () => {
  const after = settings.value.awayAfter * 60_000;
  idle.value = after > 0 && Date.now() - touched >= after;
};
const touch = () => {
  touched = Date.now();
  if (idle.value) idle.value = false;
};
for (const kind of ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"]) addEventListener(kind, touch, { passive: true, capture: true });
setInterval(look, 15_000);
document.addEventListener("visibilitychange", () => {
  const isSeen = document.visibilityState === "visible";
  if (isSeen) touch();
  say({ type: "active", active: isSeen });
});
// Also after a stream was gone on with: what another device took while the service itself was started anew is not on it.
on("ready", () => (isFresh = true));
on("ready", () => say({ type: "active", active: document.visibilityState === "visible" }));
onSignOut(() => (chosen.value = { show: "available", text: "" }));
