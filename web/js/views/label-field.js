// Labels of a contact: those in use to choose from, and new ones.
import { useState } from "preact/hooks";
import { html } from "../html.js";
import { words } from "../words.js";
import { asName } from "../api/text.js";
import { labels as known } from "../store/people.js";
import { Button } from "../parts/button.js";
import { Icon } from "../parts/icon.js";

/** @param {{labels: string[], onChange: (labels: string[]) => void}} properties */
export function LabelField({ labels, onChange }) {
  const [fresh, setFresh] = useState("");
  const all = [...new Set([...known.value, ...labels])];
  const add = () => {
    const label = asName(fresh);
    if (label && !labels.includes(label)) onChange([...labels, label]);
    setFresh("");
  };
  return html`<fieldset class="labels"><legend>${words("contact.labels")}</legend>
    <div class="chips">${all.map((label) => {
      const isOn = labels.includes(label);
      return html`<button type="button" key=${label} class="chip" aria-pressed=${isOn} onClick=${() => onChange(isOn ? labels.filter((one) => one !== label) : [...labels, label])}>
        <${Icon} name=${isOn ? "check" : "tag"} size=${14} /><bdi>${label}</bdi></button>`;
    })}</div>
    <div class="row"><input class="input" value=${fresh} maxlength="40" placeholder=${words("contact.new-label")} aria-label=${words("contact.new-label")}
      onInput=${(/** @type {any} */ event) => setFresh(event.currentTarget.value)}
      onKeyDown=${(/** @type {KeyboardEvent} */ event) => event.key === "Enter" && (event.preventDefault(), add())} />
      ${fresh.trim() && html`<${Button} icon="plus" onClick=${add}>${words("add")}<//>`}</div>
  </fieldset>`;
}
