// The event stream: one WebSocket that is opened again whenever it breaks, and goes on where it was (docs/events.md).
import { signal } from "@preact/signals";
import { Problem } from "./http.js";

/**
 * @typedef {object} Connection
 * @property {"closed" | "connecting" | "connected" | "waiting" | "ended"} state
 * @property {number} retryAt when the next try is, in milliseconds; for `waiting`
 * @property {number} code what it ended with; for `ended`
 */

/** @type {import("@preact/signals").Signal<Connection>} */
export const connection = signal({ state: "closed", retryAt: 0, code: 0 });

/** How often a connection could not be made: perhaps because nobody is signed in any more, which it does not say. */
export const failures = signal(0);

/** Codes after which trying again makes no sense before somebody does something. */
const ENDS = [4001, 4004];
const ACKNOWLEDGE_AFTER = 150;
const ANSWER_WITHIN = 15_000;

/** @type {Map<string, Set<(event: any) => void>>} */
const listeners = new Map();
/** @type {Map<string, {resolve: (event: any) => void, reject: (problem: unknown) => void, timer: number, isYoung: boolean}>} */
const asked = new Map();

/** @type {WebSocket | null} */
let socket = null;
/** @type {{id: string, seq: number} | null} */
let stream = null;
let acknowledged = 0;
let acknowledging = 0;
let retrying = 0;
let attempts = 0;
let wanted = false;
let isReady = false;

/**
 * Calls `listener` with every event of a type, until what it returns is called.
 * @param {string} type
 * @param {(event: any) => void} listener
 */
export function on(type, listener) {
  const those = listeners.get(type) ?? new Set();
  listeners.set(type, those.add(listener));
  return () => void those.delete(listener);
}

/** Tells those who listen of something that this client has noticed itself. @param {string} type @param {any} [event] */
export const tell = (type, event = {}) => listeners.get(type)?.forEach((listener) => listener(event));

/** Opens the stream, and keeps it open. */
export function open() {
  wanted = true;
  attempts = 0;
  connect();
}

/** Ends the stream, and the session with it. */
export function close() {
  wanted = false;
  stream = null;
  clearTimeout(retrying);
  acknowledge();
  socket?.close(1000);
  socket = null;
  connection.value = { state: "closed", retryAt: 0, code: 0 };
}

/** Tries at once where it waits for the next try. */
export function retry() {
  if (connection.value.state !== "waiting") return;
  clearTimeout(retrying);
  connect();
}

/** Says something that nobody waits for. Gives whether it could be said. @param {Record<string, unknown>} command */
export function say(command) {
  if (socket?.readyState !== WebSocket.OPEN || connection.value.state !== "connected") return false;
  socket.send(JSON.stringify(command));
  return true;
}

/**
 * Says something, and gives what became of it. What is not answered in time breaks the connection, which is then
 * opened again: whoever asks decides whether to ask again.
 * @param {Record<string, unknown>} command
 * @param {{isYoung?: boolean}} [how] `isYoung`: a service that is older than this client may not know it
 * @returns {Promise<any>}
 */
export function request(command, { isYoung = false } = {}) {
  const id = /** @type {string} */ (command.id ?? newId());
  return new Promise((resolve, reject) => {
    if (!say({ ...command, id })) return reject(new Problem({ type: "urn:messngr:problem:unreachable" }));
    const timer = setTimeout(() => {
      settle(id, (one) => one.reject(new Problem({ type: "urn:messngr:problem:unreachable" })));
      breakOff();
    }, ANSWER_WITHIN);
    asked.set(id, { resolve, reject, timer, isYoung });
  });
}

/** An id of this client's own, which is never used again. */
export const newId = () => crypto.randomUUID();

function connect() {
  clearTimeout(retrying);
  /** @type {Record<string, string>} */
  const asks = stream ? { resume: stream.id, after: String(stream.seq) } : { device: device() };
  const place = location.protocol === "https:" ? "wss:" : "ws:";
  connection.value = { state: "connecting", retryAt: 0, code: 0 };
  const opened = new WebSocket(`${place}//${location.host}/api/v1/events?${new URLSearchParams(asks)}`);
  socket = opened;
  isReady = false;
  opened.onmessage = ({ data }) => hear(JSON.parse(data));
  opened.onclose = ({ code }) => {
    if (socket === opened) ended(code);
  };
}

/** @param {any} event */
function hear(event) {
  if (event.type === "ready") {
    attempts = 0;
    isReady = true;
    if (!event.resumed) {
      stream = { id: event.stream, seq: 0 };
      acknowledged = 0;
    }
    connection.value = { state: "connected", retryAt: 0, code: 0 };
  }
  if (event.id !== undefined && ["accepted", "done", "confirmed", "refused"].includes(event.type)) {
    settle(event.id, (one) => (event.type === "refused" ? one.reject(new Problem(event.problem)) : one.resolve(event)));
  }
  if (event.type === "refused" && (event.id ?? null) === null) blame(new Problem(event.problem));
  for (const listener of listeners.get(event.type) ?? []) {
    try {
      listener(event);
    } catch (error) {
      // One listener's mistake must not take the others' events, nor the acknowledgement.
      console.error(error);
    }
  }
  if (event.seq !== undefined && stream) {
    stream.seq = event.seq;
    acknowledging ||= setTimeout(acknowledge, ACKNOWLEDGE_AFTER);
  }
}

function acknowledge() {
  clearTimeout(acknowledging);
  acknowledging = 0;
  if (stream && stream.seq !== acknowledged && say({ type: "ack", seq: stream.seq })) acknowledged = stream.seq;
}

/** @param {number} code */
function ended(code) {
  socket = null;
  clearTimeout(acknowledging);
  acknowledging = 0;
  for (const id of [...asked.keys()]) {
    settle(id, (one) => one.reject(new Problem({ type: "urn:messngr:problem:unreachable" })));
  }
  if (!wanted) return;
  if (!isReady) failures.value++;
  if (code === 4003 || code === 4005 || code === 4002) stream = null;
  if (ENDS.includes(code)) {
    stream = null;
    wanted = false;
    // Another tab that was made from this one has its name: this one takes another and goes on.
    if (code === 4001) return renamed();
    connection.value = { state: "ended", retryAt: 0, code };
    return;
  }
  const wait = Math.min(30_000, 500 * 2 ** attempts++) * (0.7 + 0.6 * Math.random());
  connection.value = { state: "waiting", retryAt: Date.now() + wait, code: 0 };
  retrying = setTimeout(connect, wait);
}

function renamed() {
  device(true);
  open();
}

function breakOff() {
  const broken = socket;
  if (!broken) return;
  ended(1006);
  broken.close(4000);
}

/**
 * What the service does not understand it refuses without an id. It answers in order: the first that it may not know is meant.
 * @param {Problem} problem
 */
function blame(problem) {
  const all = [...asked];
  const found = all.find(([, one]) => one.isYoung) ?? (all.length === 1 ? all[0] : undefined);
  if (found) settle(found[0], (one) => one.reject(problem));
}

/** @param {string} id @param {(one: {resolve: (event: any) => void, reject: (problem: unknown) => void}) => void} how */
function settle(id, how) {
  const one = asked.get(id);
  if (!one) return;
  asked.delete(id);
  clearTimeout(one.timer);
  how(one);
}

/** The name of this tab: it stays when the page is loaded again, so that the old stream ends. @param {boolean} [anew] */
function device(anew = false) {
  const KEY = "messngr.device";
  let name = anew ? null : sessionStorage.getItem(KEY);
  if (!name) {
    name = `browser-${newId().slice(0, 8)}`;
    sessionStorage.setItem(KEY, name);
  }
  return name;
}

// A page that is left is not there any more: nobody is to see the person as available until the break is noticed.
addEventListener("pagehide", () => {
  if (!wanted) return;
  acknowledge();
  socket?.close(1000);
  stream = null;
});
addEventListener("pageshow", (event) => {
  if (event.persisted && wanted) connect();
});
addEventListener("online", retry);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") retry();
});
