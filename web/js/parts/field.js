// Fields of forms: a label that is always there, a hint, and what is wrong in place.
import { useId } from "preact/hooks";
import { html } from "../html.js";

/**
 * @param {{label: string, value: string, onInput: (value: string) => void, hint?: string, problem?: string,
 *   type?: string, rows?: number} & Record<string, any>} properties
 */
export function Field({ label, value, onInput, hint, problem, type = "text", rows, class: more = "", ...rest }) {
  const id = useId();
  const described = [hint && `${id}-hint`, problem && `${id}-problem`].filter(Boolean).join(" ") || undefined;
  const shared = {
    id, value, "aria-describedby": described, "aria-invalid": problem ? "true" : undefined, class: "input",
    onInput: (/** @type {any} */ event) => onInput(event.currentTarget.value), ...rest,
  };
  return html`<div class=${`field ${more}`}>
    <label for=${id}>${label}</label>
    ${rows ? html`<textarea rows=${rows} ...${shared}></textarea>` : html`<input type=${type} ...${shared} />`}
    ${hint && html`<p id=${`${id}-hint`} class="hint">${hint}</p>`}
    ${problem && html`<p id=${`${id}-problem`} class="hint problem" role="alert">${problem}</p>`}
  </div>`;
}

/**
 * @param {{label: string, value: string, options: [string, string][], onChange: (value: string) => void, hint?: string} & Record<string, any>} properties
 */
export function Choice({ label, value, options, onChange, hint, class: more = "", ...rest }) {
  const id = useId();
  return html`<div class=${`field ${more}`}>
    <label for=${id}>${label}</label>
    <select id=${id} class="input" value=${value} aria-describedby=${hint ? `${id}-hint` : undefined}
      onChange=${(/** @type {any} */ event) => onChange(event.currentTarget.value)} ...${rest}>
      ${options.map(([key, text]) => html`<option key=${key} value=${key} selected=${key === value}>${text}</option>`)}
    </select>
    ${hint && html`<p id=${`${id}-hint`} class="hint">${hint}</p>`}
  </div>`;
}

/** A switch. @param {{label: string, checked: boolean, onChange: (on: boolean) => void, hint?: string} & Record<string, any>} properties */
export function Switch({ label, checked, onChange, hint, ...rest }) {
  const id = useId();
  return html`<div class="switch-line">
    <div class="grow">
      <label for=${id}>${label}</label>
      ${hint && html`<p id=${`${id}-hint`} class="hint">${hint}</p>`}
    </div>
    <input id=${id} type="checkbox" role="switch" class="switch" checked=${checked} aria-describedby=${hint ? `${id}-hint` : undefined}
      onChange=${(/** @type {any} */ event) => onChange(event.currentTarget.checked)} ...${rest} />
  </div>`;
}

/** A box to tick. @param {{label: string, checked: boolean, onChange: (on: boolean) => void} & Record<string, any>} properties */
export function Tick({ label, checked, onChange, ...rest }) {
  return html`<label class="tick"><input type="checkbox" checked=${checked}
    onChange=${(/** @type {any} */ event) => onChange(event.currentTarget.checked)} ...${rest} /><span>${label}</span></label>`;
}

/**
 * A few choices beside one another.
 * @param {{label: string, value: string, options: [string, string][], onChange: (value: string) => void}} properties
 */
export function Segments({ label, value, options, onChange }) {
  const name = useId();
  return html`<fieldset class="segments">
    <legend>${label}</legend>
    <div class="segments-row">
      ${options.map(
        ([key, text]) => html`<label key=${key} class=${key === value ? "chosen" : ""}>
          <input type="radio" class="unseen" name=${name} checked=${key === value} onChange=${() => onChange(key)} /><span>${text}</span>
        </label>`,
      )}
    </div>
  </fieldset>`;
}
