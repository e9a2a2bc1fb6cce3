// A view that is loaded when it is first looked at, or soon after the first picture: that does not wait for it.
import { useEffect } from "preact/hooks";
import { signal } from "@preact/signals";
import { html } from "../html.js";
import { connection } from "../api/events.js";
import { toastProblem } from "../store/toasts.js";
import { Waiting } from "./waiting.js";

const AGAIN = 2000;
/** How often it is asked for in one page: a browser may keep for the life of the page that a module failed. */
const TRIES = 3;
/** How long nothing of this page is loaded again by itself, so that what is broken for good does not load it for ever. */
const REST = 60_000;

/** Loads the page again: drafts and what waits to be sent are kept. */
function loadPageAgain() {
  try {
    const name = "messngr.loaded-again";
    if (Date.now() - Number(sessionStorage.getItem(name)) < REST) return;
    sessionStorage.setItem(name, String(Date.now()));
  } catch {
    // Where nothing is kept, nobody knows how often it was done.
    return;
  }
  location.reload();
}

const wholePane = () => html`<main class="pane fill"><${Waiting} /></main>`;
/** For what lies over a view. */
export const nothing = () => null;

/** What is loaded soon. @type {(() => Promise<void>)[]} */
const soonLoaded = [];

/** Loads what will be looked at next; called when the first picture is there. What fails now is asked for again when it is looked at. */
export const loadSoon = () => void Promise.allSettled(soonLoaded.map((load) => load()));

/**
 * @param {() => Promise<any>} load gives the module
 * @param {string} name of the component in it
 * @param {{waiting?: () => any, soon?: boolean, insist?: boolean}} [how] `waiting`: what stands there until it has come; `soon`: whether it
 *   is loaded after the first picture; `insist`: whether it is asked for until it comes
 */
export function lazy(load, name, { waiting = wholePane, soon = false, insist = false } = {}) {
  const view = signal(/** @type {any} */ (null));
  const bring = async () => {
    if (!view.value) view.value = (await load())[name];
  };
  if (soon) soonLoaded.push(bring);
  return function Lazy(/** @type {any} */ properties) {
    useEffect(() => {
      /** @type {number} */
      let timer;
      let failures = 0;
      const look = () => void bring().catch((problem) => {
        if (!insist) return toastProblem(problem);
        failures++;
        if (failures >= TRIES && connection.value.state === "connected") loadPageAgain();
        timer = setTimeout(look, AGAIN);
      });
      look();
      return () => clearTimeout(timer);
    }, []);
    const View = view.value;
    return View ? html`<${View} ...${properties} />` : waiting();
  };
}
