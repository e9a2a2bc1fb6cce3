// Buttons: with words, or with an icon whose words are said and shown on hover.
import { html } from "../html.js";
import { Icon } from "./icon.js";

/**
 * @typedef {object} ButtonProperties
 * @property {any} children
 * @property {"plain" | "primary" | "danger" | "quiet"} [kind]
 * @property {string} [icon]
 * @property {boolean} [busy] waiting for what it has begun
 * @property {boolean} [wide]
 * @property {boolean} [disabled]
 * @property {string} [type]
 * @property {(event: any) => void} [onClick]
 */

/** @param {ButtonProperties & Record<string, any>} properties */
export function Button({ children, kind = "plain", icon, busy = false, wide = false, type = "button", class: more = "", ...rest }) {
  return html`<button type=${type} class=${`button ${kind} ${wide ? "wide" : ""} ${more}`} aria-busy=${busy} ...${rest}
    disabled=${rest.disabled || busy}>
    ${busy ? html`<${Icon} name="loader-circle" size=${16} class="turns" />` : icon && html`<${Icon} name=${icon} size=${16} />`}
    <span>${children}</span>
  </button>`;
}

/** @param {{icon: string, label: string, size?: number, pressed?: boolean} & Record<string, any>} properties */
export function IconButton({ icon, label, size = 20, pressed, class: more = "", ...rest }) {
  return html`<button type="button" class=${`icon-button ${more}`} aria-label=${label} title=${label} aria-pressed=${pressed} ...${rest}>
    <${Icon} name=${icon} size=${size} />
  </button>`;
}
