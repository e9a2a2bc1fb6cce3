// The notice board.
import { page } from "./http.js";

/** @typedef {import("./alerts.js").Alert} Notice */

const AT_ONCE = 30;

/**
 * Announcements that were for the person, newest first.
 * @param {string} words
 * @returns {Promise<{items: Notice[], next: string | null}>}
 */
export function list(words) {
  const query = new URLSearchParams({ limit: String(AT_ONCE), ...(words.trim() && { words: words.trim() }) });
  return page(`/me/notices?${query}`);
}

/** @param {string} path @returns {Promise<{items: Notice[], next: string | null}>} */
export const more = (path) => page(path);
