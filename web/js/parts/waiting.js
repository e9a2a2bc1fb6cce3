// That something is on its way. It shows after 150 ms, so that what is fast does not flicker.
import { html } from "../html.js";
import { words } from "../words.js";
import { Icon } from "./icon.js";

/** @param {{label?: string}} properties */
export function Waiting({ label }) {
  return html`<div class="one-moment" role="status"><${Icon} name="loader-circle" class="turns" /><span class="muted">${label ?? words("waiting")}</span></div>`;
}
