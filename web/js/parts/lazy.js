// A view that is loaded when it is first looked at, or soon after the first picture: that does not wait for it.
import { useEffect } from "preact/hooks";
import { signal } from "@preact/signals";
import { html } from "../html.js";
import { toastProblem } from "../store/toasts.js";
import { Waiting } from "./waiting.js";

const AGAIN = 2000;

const wholePane = () => html`<main class="pane fill"><${Waiting} /></main>`;
/** For what lies over a view. */
export const nothing = () => null;

/** What is loaded soon. @type {(() => Promise<void>)[]} */
const soonLoaded = [];

/** Loads what will be looked at next; called when the first picture is there. What fails now is loaded when it is looked at. */
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
      const look = () => void bring().catch((problem) => {
        if (insist) timer = setTimeout(look, AGAIN);
        else toastProblem(problem);
      });
      look();
      return () => clearTimeout(timer);
    }, []);
    const View = view.value;
    return View ? html`<${View} ...${properties} />` : waiting();
  };
}
