// What others wrote, made harmless to look at before anything else sees it.

// Embeddings and overrides make text look like another; control characters look like nothing. Isolates and marks, which
// languages need, stay.
const DECEIVING = /[\u202a-\u202e\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufff9-\ufffb]/g;

/**
 * Text without what would let it look like another.
 * @template {string | null | undefined} T
 * @param {T} text
 * @returns {T}
 */
export const harmless = (text) => /** @type {T} */ (text?.replace(/\r\n?/g, "\n").replace(DECEIVING, ""));

// In a name also what languages need is more than the service takes: it stands among other words, which it would reorder.
const OF_DIRECTION = /[\u200e\u200f\u061c\u2066-\u2069]/g;

/** A name as the service takes it. @param {string} text */
export const asName = (text) => harmless(text).replace(OF_DIRECTION, "").replace(/\s+/g, " ").trim();
