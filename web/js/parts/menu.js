// A menu that opens from a button: arrows move, Escape closes, the focus comes back.
import { useEffect, useRef, useState } from "preact/hooks";
import { html } from "../html.js";
import { useFloat } from "./float.js";
import { Icon } from "./icon.js";
import { IconButton } from "./button.js";

/** @typedef {{label: string, icon?: string, act: () => void, danger?: boolean, checked?: boolean} | null | false | undefined} Entry */

/**
 * @param {{label: string, entries: Entry[], icon?: string, button?: any, class?: string}} properties
 * `button`: instead of an icon, what opens it, given the properties that it needs
 */
export function Menu({ label, entries, icon = "ellipsis", button, class: more = "" }) {
  const [open, setOpen] = useState(false);
  const root = useRef(/** @type {HTMLElement | null} */ (null));
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  useFloat(list, () => root.current?.querySelector("button"), open);
  useEffect(() => {
    if (!open) return;
    items(root.current)[0]?.focus();
    const outside = (/** @type {Event} */ event) => {
      if (!root.current?.contains(/** @type {Node} */ (event.target))) setOpen(false);
    };
    addEventListener("pointerdown", outside);
    return () => removeEventListener("pointerdown", outside);
  }, [open]);

  const close = () => {
    setOpen(false);
    root.current?.querySelector("button")?.focus();
  };
  const opener = { "aria-haspopup": "menu", "aria-expanded": open, onClick: () => setOpen(!open) };
  return html`<span ref=${root} class=${`menu-place ${open ? "open" : ""} ${more}`} onKeyDown=${(/** @type {KeyboardEvent} */ event) => open && move(event, root.current, close)}>
    ${button ? button(opener) : html`<${IconButton} icon=${icon} label=${label} ...${opener} />`}
    ${open && html`<div ref=${list} class="menu" popover="manual" role="menu" aria-label=${label}>
      ${entries.map((entry) => entry && html`<button type="button" role=${entry.checked === undefined ? "menuitem" : "menuitemradio"}
        aria-checked=${entry.checked} tabindex="-1" class=${`menu-entry inset ${entry.danger ? "danger" : ""}`}
        onClick=${() => { close(); entry.act(); }}>
        <${Icon} name=${entry.checked ? "check" : (entry.icon ?? "")} size=${16} /><span>${entry.label}</span>
      </button>`)}
    </div>`}
  </span>`;
}

/** @param {KeyboardEvent} event @param {HTMLElement | null} root @param {() => void} close */
function move(event, root, close) {
  const all = items(root);
  const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
  if (event.key === "Escape" || event.key === "Tab") {
    event.stopPropagation();
    if (event.key === "Escape") event.preventDefault();
    close();
  } else if (to !== undefined) {
    event.preventDefault();
    all[(to + all.length) % all.length]?.focus();
  }
}

/** @param {HTMLElement | null} root @returns {HTMLElement[]} */
const items = (root) => [...(root?.querySelectorAll("[role^=menuitem]") ?? [])].map((one) => /** @type {HTMLElement} */ (one));
