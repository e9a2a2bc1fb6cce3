// Where toasts are shown, and said.
import { html } from "../html.js";
import { words } from "../words.js";
import { dismiss, toasts } from "../store/toasts.js";
import { IconButton } from "./button.js";
import { Icon } from "./icon.js";

export function Toasts() {
  return html`<div class="toasts" role="status" aria-live="polite">
    ${toasts.value.map((one) => html`<div key=${one.id} class=${`toast ${one.kind}`}>
      <${Icon} name=${one.kind === "problem" ? "circle-alert" : "info"} size=${18} />
      <p class="grow">${one.text}</p>
      ${one.action && html`<button type="button" class="button quiet" onClick=${() => { dismiss(one.id); one.action?.act(); }}>${one.action.label}</button>`}
      <${IconButton} icon="x" size=${16} label=${words("close")} onClick=${() => dismiss(one.id)} />
    </div>`)}
  </div>`;
}
