// A small choice of emoji. The keyboard of the system has the rest.
import { useEffect, useRef } from "preact/hooks";
import { html } from "../html.js";
import { words } from "../words.js";
import { useFloat } from "./float.js";

const ROWS = ["👍❤️😂😮😢🙏🎉👀", "😀😃😄😁😅🤣😊🙂", "😉😍😘😜🤔🤨😐🙄", "😏😴😷🤒🤯🥳😎🤓", "😕🙁😳🥺😨😭😡🤬", "👋👌✌️🤞👏🙌🤝💪", "✅❌❗❓⚠️🔥💯⭐", "☕🍕🍰🍺🎂🎁🚀💡"];
const ALL = ROWS.map((row) => [...new Intl.Segmenter().segment(row)].map(({ segment }) => segment));
const COLUMNS = 8;

/** @param {{onChoose: (emoji: string) => void, onClose: () => void}} properties It stands beside the button before it. */
export function EmojiPicker({ onChoose, onClose }) {
  const root = useRef(/** @type {HTMLElement | null} */ (null));
  useFloat(root, () => root.current?.parentElement?.querySelector("button"));
  useEffect(() => {
    root.current?.querySelector("button")?.focus();
    const outside = (/** @type {Event} */ event) => {
      if (!root.current?.parentElement?.contains(/** @type {Node} */ (event.target))) onClose();
    };
    addEventListener("pointerdown", outside);
    return () => removeEventListener("pointerdown", outside);
  }, []);

  const move = (/** @type {KeyboardEvent} */ event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS }[event.key];
    if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      event.stopPropagation();
      onClose();
      root.current?.parentElement?.querySelector("button")?.focus();
    } else if (step) {
      event.preventDefault();
      const all = [...(root.current?.querySelectorAll("button") ?? [])];
      all[all.indexOf(/** @type {any} */ (document.activeElement)) + step]?.focus();
    }
  };
  return html`<div ref=${root} class="menu emoji" popover="manual" role="group" aria-label=${words("emoji")} onKeyDown=${move}>
    ${ALL.map((row, index) => html`<div class="emoji-row" key=${index}>${row.map((emoji) => html`<button type="button" key=${emoji} class="inset" tabindex="-1" onClick=${() => onChoose(emoji)}>${emoji}</button>`)}</div>`)}
  </div>`;
}
