// What this browser is set to. It is kept here and nowhere else.
import { effect, signal } from "@preact/signals";

/**
 * @typedef {object} Settings
 * @property {"system" | "light" | "dark"} theme
 * @property {"roomy" | "compact"} density
 * @property {string | null} language null: what the browser asks for
 * @property {boolean} sounds
 * @property {boolean} notifications whether the person wants them; the browser has a say too
 * @property {boolean} previews whether notifications show what was written
 * @property {number} awayAfter minutes without a key or the pointer; 0: never
 * @property {{on: boolean, from: string, until: string}} quiet when nothing rings, by the clock of this machine
 * @property {boolean} enterSends
 */

const KEY = "messngr.settings";

/** @type {Settings} */
const defaults = {
  theme: "system",
  density: "roomy",
  language: null,
  sounds: true,
  notifications: true,
  previews: true,
  awayAfter: 10,
  quiet: { on: false, from: "20:00", until: "07:00" },
  enterSends: true,
};

/** @type {import("@preact/signals").Signal<Settings>} */
export const settings = signal(kept());

/** @param {Partial<Settings>} change */
export function change(change) {
  settings.value = { ...settings.value, ...change };
}

/** Whether it is one of the hours in which nothing rings. */
export function isQuietHour(now = new Date()) {
  const { on, from, until } = settings.value.quiet;
  if (!on) return false;
  const time = `${String(now.getHours()).padStart(2, "0")}:${String(now.getMinutes()).padStart(2, "0")}`;
  return from <= until ? time >= from && time < until : time >= from || time < until;
}

effect(() => {
  const { theme, density } = settings.value;
  const root = document.documentElement;
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  root.dataset.density = density;
  try {
    localStorage.setItem(KEY, JSON.stringify(settings.value));
  } catch {
    // A browser that keeps nothing starts with the defaults next time.
  }
});

/** @returns {Settings} */
function kept() {
  try {
    return { ...defaults, ...JSON.parse(localStorage.getItem(KEY) ?? "{}") };
  } catch {
    return defaults;
  }
}
