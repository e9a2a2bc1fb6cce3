// Pictures and files that belong to it: put to the service from here, or named by their address.
import { useState } from "preact/hooks";
import { html } from "../../html.js";
import { words } from "../../words.js";
import { upload } from "../../api/files.js";
import { toast, toastProblem } from "../../store/toasts.js";
import { Field } from "../../parts/field.js";
import { Icon } from "../../parts/icon.js";

/** @typedef {import("./compose-form.js").Form} Form */

/** @param {{those: string[], onChange: (change: (those: string[]) => string[]) => void}} properties */
export function Attachments({ those, onChange }) {
  const [text, setText] = useState("");
  const [part, setPart] = useState(-1);
  const add = (/** @type {string} */ address) => onChange((now) => (now.includes(address) ? now : [...now, address]));
  const addTyped = () => {
    if (text.trim()) add(text.trim());
    setText("");
  };
  const send = async (/** @type {any} */ event) => {
    const input = event.currentTarget;
    for (const file of [...input.files]) {
      setPart(0);
      try {
        add((await upload(file, setPart, new AbortController().signal)).url);
      } catch (error) {
        if (/** @type {any} */ (error).status === 404) toast(words("compose.no-files"), { kind: "problem" });
        else toastProblem(error);
      }
    }
    setPart(-1);
    input.value = "";
  };
  return html`<div class="column attachments">
    ${those.map((one) => html`<span key=${one} class="row"><${Icon} name="paperclip" size=${16} /><bdi class="cut grow">${one}</bdi><button type="button" class="icon-button small" aria-label=${words("compose.remove", { name: one })} onClick=${() => onChange((now) => now.filter((other) => other !== one))}><${Icon} name="x" size=${16} /></button></span>`)}
    <div class="row wrap end"><${Field} class="grow" label=${words("compose.attachment")} value=${text} onInput=${setText} placeholder="https://" onKeyDown=${(/** @type {KeyboardEvent} */ event) => event.key === "Enter" && (event.preventDefault(), addTyped())} />
      <button type="button" class="button" onClick=${addTyped}>${words("add")}</button>
      <label class="button file-button"><${Icon} name="upload" size=${16} /><span>${words("compose.upload")}</span><input type="file" class="unseen" multiple onChange=${send} /></label></div>
    ${part >= 0 && html`<progress class="progress" max="1" value=${part} aria-label=${words("compose.upload")}></progress>`}
  </div>`;
}
