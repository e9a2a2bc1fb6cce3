// What every page of the console has: its head, what it waits for, and what went wrong.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { html } from "../../html.js";
import { words } from "../../words.js";
import { explain } from "../../store/toasts.js";
import { Button } from "../../parts/button.js";
import { Dialog } from "../../parts/dialog.js";
import { Empty } from "../../parts/empty.js";
import { Icon } from "../../parts/icon.js";

/**
 * @param {{title: any, lead?: any, actions?: any, children: any, width?: "text" | "wide" | "full", up?: string}} properties
 * `up`: where back leads on narrow screens
 */
export function Page({ title, lead, actions, children, width = "text", up = "/console" }) {
  return html`<header class="pane-head console-head"><a class="icon-button back" href=${up} aria-label=${words("back")} title=${words("back")}><${Icon} name="arrow-left" /></a>
      <h1 class="cut">${title}</h1>${actions}</header>
    <div class="pane-body scrolls" tabindex="0" role="region" aria-label=${typeof title === "string" ? title : words("console")}><div class=${`console-page ${width}`}>${lead && html`<p class="console-lead muted">${lead}</p>`}${children}</div></div>`;
}

/**
 * Asks for something when a page opens, and again when it is told to.
 * @template T
 * @param {() => Promise<T>} load
 * @param {any[]} [of] what it depends on
 * @returns {{value: T | null, problem: string, again: () => Promise<void>, set: (value: T) => void}}
 */
export function useLoaded(load, of = []) {
  const [value, setValue] = useState(/** @type {T | null} */ (null));
  const [problem, setProblem] = useState("");
  const turn = useRef(0);
  const again = useCallback(async () => {
    const own = ++turn.current;
    try {
      const loaded = await load();
      if (own !== turn.current) return;
      setValue(() => loaded);
      setProblem("");
    } catch (error) {
      if (own === turn.current) setProblem(explain(error));
    }
  }, of);
  useEffect(() => {
    again();
    return () => void turn.current++;
  }, [again]);
  return { value, problem, again, set: (next) => setValue(() => next) };
}

/** @param {{text: string, onAgain: () => void}} properties */
export function Failed({ text, onAgain }) {
  return html`<${Empty} icon="circle-alert" title=${words("console.not-loaded")} text=${text}><${Button} onClick=${onAgain}>${words("connection.now")}<//><//>`;
}

/**
 * Asks before something that cannot be taken back.
 * @param {{title: string, text: any, submit: string, danger?: boolean, onClose: () => void, act: () => Promise<unknown>, children?: any}} properties
 */
export function Ask({ title, text, submit, danger = false, onClose, act, children }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const go = async () => {
    setBusy(true);
    setProblem("");
    try {
      await act();
      onClose();
    } catch (error) {
      setProblem(explain(error));
      setBusy(false);
    }
  };
  return html`<${Dialog} title=${title} onClose=${onClose} actions=${html`<${Button} onClick=${onClose}>${words("cancel")}<//>
      <${Button} kind=${danger ? "danger" : "primary"} busy=${busy} onClick=${go}>${submit}<//>`}>
    <div>${text}</div>${children}${problem && html`<p class="hint problem" role="alert">${problem}</p>`}
  <//>`;
}

/** Lets the browser keep a file. @param {Blob} blob @param {string} name */
export function saveFile(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** The name in an address. @param {string} address */
export const localName = (address) => address.split("@")[0];
