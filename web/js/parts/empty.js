// What stands where there is nothing yet: what will be here, and the one thing to do.
import { html } from "../html.js";
import { Icon } from "./icon.js";

/** @param {{icon: string, title: string, text?: any, children?: any}} properties */
export function Empty({ icon, title, text, children }) {
  return html`<div class="empty">
    <span class="empty-icon"><${Icon} name=${icon} size=${28} /></span>
    <h2>${title}</h2>
    ${text && html`<p class="muted">${text}</p>`}
    ${children}
  </div>`;
}
