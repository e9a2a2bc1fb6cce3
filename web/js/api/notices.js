// The notice board.
import { page } from "./http.js";

/** @typedef {import("./alerts.js").Alert} Notice */

const AT_ONCE = 30;

/**
 * Announcements for the person, newest first; null where the service does not tell them the board.
 * @param {string} words
 * @param {string} reader the person's name
 * @returns {Promise<{items: Notice[], next: string | null} | null>}
 */
export async function list(words, reader) {
  const query = new URLSearchParams({ limit: String(AT_ONCE), reader, ...(words.trim() && { words: words.trim() }) });
  try {
    return await page(`/notices?${query}`);
  } catch (problem) {
    if (/** @type {any} */ (problem).status === 403) return null;
    throw problem;
  }
}

/** @param {string} path @returns {Promise<{items: Notice[], next: string | null}>} */
export const more = (path) => page(path);
