// The pane of a list beside what is chosen from it. On narrow screens, where it stands alone, it is the main thing.
import { signal } from "@preact/signals";
import { html } from "../html.js";
import { route } from "../router.js";

const query = matchMedia("(max-width: 719px)");
/** Whether there is one pane at a time. */
export const isNarrow = signal(query.matches);
query.addEventListener("change", () => (isNarrow.value = query.matches));

/** @param {{label: string, children: any}} properties */
export function ListPane({ label, children }) {
  const Tag = isNarrow.value && route.value.length < 2 ? "main" : "aside";
  return html`<${Tag} class="pane list" aria-label=${label}>${children}<//>`;
}
