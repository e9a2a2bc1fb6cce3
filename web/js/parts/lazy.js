// A view that is loaded when it is first looked at: the first picture does not wait for it.
import { useEffect } from "preact/hooks";
import { signal } from "@preact/signals";
import { html } from "../html.js";
import { toastProblem } from "../store/toasts.js";
import { Waiting } from "./waiting.js";

/**
 * @param {() => Promise<any>} load gives the module
 * @param {string} name of the component in it
 */
export function lazy(load, name) {
  const view = signal(/** @type {any} */ (null));
  return function Lazy(/** @type {any} */ properties) {
    useEffect(() => {
      if (!view.value) load().then((module) => (view.value = module[name]), toastProblem);
    }, []);
    const View = view.value;
    return View ? html`<${View} ...${properties} />` : html`<main class="pane fill"><${Waiting} /></main>`;
  };
}
