// What this browser keeps for the person who is signed in, each thing under a name of its own, so that two tabs do not
// overwrite one another. When they sign out it is gone, but for what is still to be sent.
import { session } from "./session.js";

const prefix = () => `messngr.${session.value?.address}.`;

/** @template T @param {string} name @param {T} otherwise @returns {T} */
export function kept(name, otherwise) {
  try {
    const text = localStorage.getItem(prefix() + name);
    return text === null ? otherwise : JSON.parse(text);
  } catch {
    return otherwise;
  }
}

/** @param {string} name @param {unknown} value undefined: nothing any more */
export function keep(name, value) {
  try {
    if (value === undefined) localStorage.removeItem(prefix() + name);
    else localStorage.setItem(prefix() + name, JSON.stringify(value));
  } catch {
    // Where the browser keeps nothing, it holds as long as the page.
  }
}

/** Tells when another tab keeps something else under a name. @param {string} name @param {(value: any) => void} listener */
export function onKept(name, listener) {
  addEventListener("storage", ({ key, newValue }) => {
    if (session.value && key === prefix() + name) listener(newValue === null ? undefined : JSON.parse(newValue));
  });
}

/** The names that begin like this. @param {string} start @returns {string[]} */
export function keptNames(start) {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(prefix() + start)).map((key) => key.slice(prefix().length));
  } catch {
    return [];
  }
}

/** Forgets everything of the person but what is still to be sent. */
export function forgetKept() {
  for (const name of keptNames("")) if (!name.startsWith("outbox.")) keep(name, undefined);
}
