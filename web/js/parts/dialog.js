// Dialogs on the browser's own <dialog>, which keeps the focus inside and gives it back.
import { useEffect, useId, useRef } from "preact/hooks";
import { html } from "../html.js";
import { words } from "../words.js";
import { IconButton } from "./button.js";

/**
 * @param {{title: string, onClose: () => void, children: any, actions?: any, wide?: boolean, class?: string}} properties
 * `actions` stand at its foot.
 */
export function Dialog({ title, onClose, children, actions, wide = false, class: more = "" }) {
  const id = useId();
  const element = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => {
    const dialog = element.current;
    if (dialog && !dialog.open) dialog.showModal();
    return () => dialog?.close();
  }, []);
  return html`<dialog ref=${element} class=${`dialog ${wide ? "wide" : ""} ${more}`} aria-labelledby=${id}
    onCancel=${(/** @type {Event} */ event) => { event.preventDefault(); onClose(); }}
    onClick=${(/** @type {MouseEvent} */ event) => event.target === element.current && onClose()}>
    <div class="dialog-inside">
      <header class="dialog-head"><h2 id=${id}>${title}</h2><${IconButton} icon="x" label=${words("close")} onClick=${onClose} /></header>
      <div class="dialog-body scrolls">${children}</div>
      ${actions && html`<footer class="dialog-foot">${actions}</footer>`}
    </div>
  </dialog>`;
}
