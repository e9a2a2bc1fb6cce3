// Who is signed in.
import { computed, effect, signal } from "@preact/signals";
import { refusedSessions } from "../api/http.js";
import * as api from "../api/session.js";
import * as events from "../api/events.js";
import { go } from "../router.js";

/** @typedef {import("../api/session.js").Session} Session */

/** @type {import("@preact/signals").Signal<"asking" | "unreachable" | "signed-out" | "signed-in">} */
export const standing = signal("asking");
/** @type {import("@preact/signals").Signal<Session | null>} */
export const session = signal(null);
/** Whether the session ended while the person was here, for the sign-in screen to say so. */
export const wasEnded = signal(false);

export const isAdministrator = computed(() => hasRole("administrator"));
/** Whether there is anything for them in the console. */
export const mayUseConsole = computed(() => (session.value?.roles ?? []).length > 0);

/** @param {string} role */
export const hasRole = (role) => (session.value?.roles ?? []).includes(role);

/** @type {(() => void)[]} */
const forgetters = [];

/** Registers what has to be forgotten when somebody signs out. @param {() => void} forget */
export const onSignOut = (forget) => void forgetters.push(forget);

/** Asks the service who is signed in here. */
export async function start() {
  try {
    begin(await api.current());
  } catch (problem) {
    standing.value = /** @type {any} */ (problem).status === 401 ? "signed-out" : "unreachable";
    if (standing.value === "unreachable") setTimeout(start, 2000);
  }
}

/** @param {string} name @param {string} password @param {boolean} remember */
export async function signIn(name, password, remember) {
  begin(await api.signIn(name, password, remember));
}

export async function signOut() {
  events.close();
  await api.signOut().catch(() => {});
  end();
}

/** Forgets the person, because the session is over. */
export function end() {
  events.close();
  for (const forget of forgetters) forget();
  session.value = null;
  standing.value = "signed-out";
}

/** @param {Session} who */
export function begin(who) {
  session.value = who;
  standing.value = "signed-in";
  wasEnded.value = false;
  if (who.must_change_password) return;
  events.open();
  if (location.pathname === "/") go("/chats", { replace: true });
}

let counted = 0;
effect(() => {
  const { state, code } = events.connection.value;
  const isRefused = refusedSessions.value > counted;
  counted = refusedSessions.value;
  if (standing.peek() !== "signed-in") return;
  if (isRefused) queueMicrotask(lose);
  else if (state === "ended" && code === 4004) queueMicrotask(lookAgain);
});

effect(() => {
  // Where the session is over, this is answered with 401.
  if (events.failures.value > 0 && standing.peek() === "signed-in") api.current().catch(() => {});
});

function lose() {
  wasEnded.value = true;
  end();
}

/** The stream was ended by the service: whoever changed their password here is signed in all the same. */
async function lookAgain() {
  try {
    begin(await api.current());
  } catch (problem) {
    if (/** @type {any} */ (problem).status !== 401) lose();
  }
}
