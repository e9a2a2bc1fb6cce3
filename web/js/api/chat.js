// Messages as the service says them, and as this client keeps them. The names of the interface end here.
import { signal } from "@preact/signals";
import { now } from "./clock.js";
import * as http from "./http.js";
import { Problem, get, post } from "./http.js";
import { request, say } from "./events.js";
import { harmless } from "./text.js";

/**
 * @typedef {object} Attachment
 * @property {string} name
 * @property {number} size
 * @property {string} type
 * @property {string} url
 * @property {number} [width] of a picture, so that its place is kept before it is there
 * @property {number} [height]
 */

/**
 * @typedef {object} Message
 * @property {string} key what it is in lists: stays the same for as long as it is shown
 * @property {string | null} id the service's; null until it is taken
 * @property {string} mark what its sender knows it by
 * @property {string} conversation
 * @property {string} from an address, or the name that an old protocol gave
 * @property {string} name what to call its sender; empty where the contact list knows better
 * @property {boolean} own
 * @property {boolean} verified
 * @property {string} source the network address it came from, or goes to, where that is all that is known
 * @property {string} protocol
 * @property {boolean} secret whether it came over an encrypted connection
 * @property {boolean} sealed what it says is encrypted for another client: the text is for those that cannot read it
 * @property {number} at milliseconds
 * @property {string} text
 * @property {string} subject
 * @property {{mark: string, from: string, text: string} | null} reply
 * @property {Attachment | null} file
 * @property {Record<string, string[]>} reactions who, by emoji
 * @property {number} edited
 * @property {boolean} retracted
 * @property {boolean} foreign only clients of another protocol understand it
 * @property {"waiting" | "sent" | "failed"} state
 * @property {string} problem
 */

/**
 * @typedef {{kind: "message", message: Message}
 *   | {kind: "receipt", of: string, seen: boolean}
 *   | {kind: "typing", composing: boolean}
 *   | {kind: "reaction", of: string, emoji: string[]}
 *   | {kind: "correction", of: string, text: string}
 *   | {kind: "retraction", of: string}
 *   | {kind: "invitation", room: string}
 *   | {kind: "nothing"}} Said
 */

/**
 * What a message of the service says, and where it belongs.
 * @param {any} view
 * @param {string} me one's own address
 * @returns {{conversation: string, from: string, own: boolean, id: string, at: number, said: Said}}
 */
export function read(view, me) {
  // A name without proof is nothing but a name: neither one's own nor anybody's whose address it may be.
  const isProven = view.verified !== false;
  const from = isProven ? bare(harmless(view.from)) : harmless(view.from);
  const own = isProven && (from === me || (Boolean(view.room) && view.own === true));
  const isInRoom = view.room && view.content !== "invitation";
  const domain = me.slice(me.indexOf("@") + 1);
  const other = !isProven ? strangerAt(from, domain) : from === domain ? serviceAt(domain) : from;
  const conversation = isInRoom ? view.room : own ? bare(view.to) : other;
  const at = Date.parse(view.at);
  return { conversation, from, own, id: view.id, at, said: said(view, { conversation, from, own, at }) };
}

/** @param {any} view @param {{conversation: string, from: string, own: boolean, at: number}} where @returns {Said} */
function said(view, where) {
  switch (view.content) {
    case "receipt":
      return { kind: "receipt", of: view.of, seen: view.seen };
    case "typing":
      return { kind: "typing", composing: view.composing };
    case "reaction":
      return { kind: "reaction", of: view.of, emoji: view.emoji ?? view.reactions ?? [] };
    case "correction":
      return { kind: "correction", of: view.of, text: harmless(view.text ?? "") };
    case "retraction":
      return { kind: "retraction", of: view.of };
    case "invitation":
      return { kind: "invitation", room: view.room };
    case "text":
    case "file":
    case "other":
      return { kind: "message", message: message(view, where) };
    default:
      return { kind: "nothing" };
  }
}

/** @param {any} view @param {{conversation: string, from: string, own: boolean, at: number}} where @returns {Message} */
function message(view, { conversation, from, own, at }) {
  const reply = view.reply ?? view.reply_to ?? null;
  const file = view.file ?? bareFile(view.text);
  return {
    key: view.id, id: view.id, mark: view.mark ?? view.id, conversation, from, own, at,
    name: harmless(view.nickname ?? ""),
    verified: view.verified !== false,
    source: view.source ?? "",
    protocol: view.protocol ?? "",
    secret: view.protocol !== "windows",
    sealed: view.encrypted === true,
    text: view.encrypted ? "" : harmless(view.text ?? ""),
    subject: harmless(view.subject ?? ""),
    reply: reply && { mark: typeof reply === "string" ? reply : (reply.of ?? reply.mark ?? ""), from: bare(reply.from ?? reply.to ?? ""), text: harmless(reply.text ?? "") },
    file: file && {
      name: harmless(file.name), size: file.size ?? file.bytes ?? 0, type: file.media_type ?? file.type ?? "",
      url: file.url, width: file.width, height: file.height,
    },
    reactions: view.reactions ?? {},
    edited: view.edited_at ? Date.parse(view.edited_at) : 0,
    retracted: view.retracted === true,
    foreign: view.content === "other",
    state: "sent",
    problem: "",
  };
}

/** A message that is to be said. @param {string} conversation @param {string} me @param {Partial<Message>} what @returns {Message} */
export function draft(conversation, me, what) {
  const mark = crypto.randomUUID();
  return {
    key: mark, id: null, mark, conversation, from: me, own: true, at: now(), name: "", verified: true, source: "", protocol: "",
    secret: true, sealed: false, text: "", subject: "", reply: null, file: null, reactions: {}, edited: 0, retracted: false, foreign: false,
    state: "waiting", problem: "", ...what,
    // What one pastes may deceive oneself too, and those whom it is sent to.
    ...(what.text && { text: harmless(what.text) }),
    ...(what.file && { file: { ...what.file, name: harmless(what.file.name) } }),
  };
}

/** What this service has refused because it does not know it: not to be offered any more. @type {import("@preact/signals").Signal<Set<string>>} */
export const lacking = signal(new Set());

/**
 * Sends a message. What is sent again under the same mark is taken once.
 * @param {Message} message
 * @returns {Promise<{message: string, at: string}>}
 */
export async function send({ mark, conversation, text, reply, file, source }) {
  // Who answers a name without proof means whom they see, and nobody who has taken the name since.
  const plain = { type: "message", id: mark, to: conversation, text, ...(source && { source }) };
  if (file) return request({ ...plain, file: { name: file.name, size: file.size, media_type: file.type, url: file.url, width: file.width, height: file.height } }, { isYoung: true });
  if (!reply || lacking.value.has("reply")) return request(plain);
  try {
    return await request({ ...plain, reply: { of: reply.mark, from: reply.from } }, { isYoung: true });
  } catch (problem) {
    if (/** @type {any} */ (problem).kind !== "invalid") throw problem;
    lacking.value = new Set(lacking.value).add("reply");
    return request(plain);
  }
}

/** @param {string} type @param {Record<string, unknown>} command */
async function young(type, command) {
  try {
    return await request({ type, ...command }, { isYoung: true });
  } catch (problem) {
    if (/** @type {any} */ (problem).kind !== "invalid") throw problem;
    lacking.value = new Set(lacking.value).add(type);
    throw new Problem({ type: "urn:messngr:problem:lacking", status: 422 });
  }
}

/** @param {string} to @param {boolean} composing */
export const typing = (to, composing) => say({ type: "typing", to, composing });
/** @param {string} to @param {string} of */
export const received = (to, of) => say({ type: "received", to, of });
/** @param {string} to @param {string} of */
export const readUpTo = (to, of) => say({ type: "read", to, of });
/** @param {string} to @param {string} of @param {string[]} emoji all that stand from now on */
export const react = (to, of, emoji) => young("reaction", { to, of, emoji });
/** @param {string} to @param {string} of @param {string} text */
export const correct = (to, of, text) => young("correction", { to, of, text });
/** @param {string} to @param {string} of */
export const retract = (to, of) => young("retraction", { to, of });

/** Tells the administrators of a suspicious message. @param {Message} message @param {string} why */
export const report = (message, why) => http.young(post("/me/reports", { message: message.id, why }));

/**
 * One's conversations, the one with the newest message first.
 * @returns {Promise<{with: string, is_room: boolean, title: string | null, last: any, changed: boolean, unread: number, read_at: string | null}[]>}
 */
export const conversations = () => get("/conversations?limit=200");

/** Under which address the service keeps what it said itself. @param {string} domain */
export const serviceAt = (domain) => `service@service.${domain}`;

/**
 * Under which address the service keeps what came from a name without proof: it has a host where nobody signs in.
 * @param {string} name @param {string} domain
 */
const strangerAt = (name, domain) => `${name.replace(/[^\p{Alphabetic}\p{N}\-_.]/gu, "_").normalize("NFKC").toLowerCase()}@windows.${domain}`;

/** Whether that is such an address. @param {string} address @param {string} domain */
export const isStrangersAddress = (address, domain) => address.endsWith(`@windows.${domain}`);

/**
 * What was said, oldest first.
 * @param {{with?: string, before?: string, after?: string, search?: string, limit?: number}} query
 * @returns {Promise<{messages: any[], complete: boolean}>}
 */
export function history(query) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return get(`/history?${new URLSearchParams(given.map(([key, value]) => [key, String(value)]))}`);
}

/** An address without the device. @param {string} address */
export const bare = (address) => address.split("/")[0];

/** The part of an address that people say. @param {string} address */
export const nameOf = (address) => address.split("@")[0];

const KINDS = { png: "image/png", jpg: "image/jpeg", jpeg: "image/jpeg", gif: "image/gif", webp: "image/webp" };

/** Clients of other protocols send the address of a file as the whole text. @param {string | undefined} text */
function bareFile(text) {
  const match = /^https:\/\/[^\s/]+(\/files\/[\w-]+\/([^\s/?#]+))$/.exec(text ?? "");
  if (!match) return null;
  const name = decoded(match[2]);
  const ending = name.split(".").pop()?.toLowerCase() ?? "";
  return { name, url: match[1], media_type: /** @type {any} */ (KINDS)[ending] ?? "" };
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The path of a file of this service: it was perhaps named by another of its names. @param {string} url */
export function pathOfFile(url) {
  try {
    const { pathname, search } = new URL(url, location.origin);
    return pathname.startsWith("/files/") ? pathname + search : url;
  } catch {
    return "";
  }
}
