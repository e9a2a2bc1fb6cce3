// A view that is loaded when it is first looked at: the first picture does not wait for it.
import { useEffect } from "preact/hooks";
import { signal } from "@preact/signals";
import { html } from "../html.js";
import { toastProblem } from "../store/toasts.js";
import { Waiting } from "./waiting.js";

const wholePane = () => html`<main class="pane fill"><${Waiting} /></main>`;
/** For what lies over a view. */
export const nothing = () => null;

/**
 * @param {() => Promise<any>} load gives the module
 * @param {string} name of the component in it
 * @param {() => any} [waiting] what stands there until it has come
 */
export function lazy(load, name, waiting = wholePane) {
  const view = signal(/** @type {any} */ (null));
  return function Lazy(/** @type {any} */ properties) {
    useEffect(() => {
      if (!view.value) load().then((module) => (view.value = module[name]), toastProblem);
    }, []);
    const View = view.value;
    return View ? html`<${View} ...${properties} />` : waiting();
  };
}
