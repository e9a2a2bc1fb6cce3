// Asking the service: JSON to and from `/api/v1`, problems in words.
import { signal } from "@preact/signals";
import { hearTime } from "./clock.js";

/** Counts how often the service has said that the session is over. */
export const refusedSessions = signal(0);

/** What the service answers when it does not do what it was asked (RFC 9457), and when it cannot be reached. */
export class Problem extends Error {
  /** @param {{title?: string, detail?: string, status?: number, type?: string}} document */
  constructor(document) {
    super(document.detail || document.title || "");
    this.title = document.title ?? "";
    this.detail = document.detail ?? "";
    /** 0 where the service could not be reached. */
    this.status = document.status ?? 0;
    /** The last part of the type: `not-found`, `conflict`… */
    this.kind = (document.type ?? "").split(":").pop() ?? "";
  }
}

/**
 * Asks, and gives the document that is answered with; null where there is none.
 * @param {string} method
 * @param {string} path below `/api/v1`
 * @param {unknown} [document]
 * @param {{headers?: Record<string, string>, signal?: AbortSignal}} [how]
 * @returns {Promise<any>}
 */
export async function ask(method, path, document, how = {}) {
  const answer = await send(method, path, document, how);
  if (answer.status === 204) return null;
  const kind = answer.headers.get("content-type") ?? "";
  if (kind.includes("json")) return answer.json();
  const text = await answer.text();
  return text === "" ? null : text;
}

/** Asks for a document. @param {string} path @param {{signal?: AbortSignal}} [how] */
export const get = (path, how) => ask("GET", path, undefined, how);
/** @param {string} path @param {unknown} [document] @param {{headers?: Record<string, string>}} [how] */
export const post = (path, document, how) => ask("POST", path, document, how);
/** @param {string} path @param {unknown} [document] */
export const put = (path, document) => ask("PUT", path, document);
/** @param {string} path @param {unknown} [document] */
export const patch = (path, document) => ask("PATCH", path, document);
/** @param {string} path */
export const remove = (path) => ask("DELETE", path);

/**
 * A page of a list, and the path of the next one where there is one.
 * @param {string} path
 * @returns {Promise<{items: any[], next: string | null}>}
 */
export async function page(path) {
  const answer = await send("GET", path);
  const next = /<[^>]*?\/api\/v1([^>]*)>;\s*rel="next"/.exec(answer.headers.get("link") ?? "");
  return { items: await answer.json(), next: next ? next[1] : null };
}

/**
 * The answer itself, for whoever needs its headers or its bytes.
 * @param {string} method
 * @param {string} path
 * @param {unknown} [document]
 * @param {{headers?: Record<string, string>, signal?: AbortSignal}} [how]
 */
export async function send(method, path, document, { headers = {}, signal } = {}) {
  /** @type {Response} */
  let answer;
  const asked = performance.now();
  try {
    answer = await fetch(`/api/v1${path}`, {
      method,
      signal,
      headers: document === undefined ? headers : { "content-type": "application/json", ...headers },
      body: document === undefined ? undefined : JSON.stringify(document),
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new Problem({ type: "urn:messngr:problem:unreachable" });
  }
  hearTime(answer.headers.get("date"), asked);
  if (!answer.ok) throw await problem(answer);
  return answer;
}

/**
 * What an older service does not have is said to be lacking, and not that "this does not exist".
 * @template T
 * @param {Promise<T>} asked
 */
export async function young(asked) {
  try {
    return await asked;
  } catch (problem) {
    if (![404, 405, 501].includes(/** @type {any} */ (problem).status)) throw problem;
    throw new Problem({ type: "urn:messngr:problem:lacking", status: 501 });
  }
}

/** @param {Response} answer */
async function problem(answer) {
  const document = await answer.json().catch(() => ({}));
  const problem = new Problem({ ...document, status: answer.status });
  if (answer.status === 401) refusedSessions.value++;
  return problem;
}
