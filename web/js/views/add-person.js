// Putting somebody on the contact list, or writing to them at once.
import { useState } from "preact/hooks";
import { html } from "../html.js";
import { words } from "../words.js";
import { chatPath, go } from "../router.js";
import { asName } from "../api/text.js";
import { add } from "../store/people.js";
import { session } from "../store/session.js";
import { explain } from "../store/toasts.js";
import { Button } from "../parts/button.js";
import { Dialog } from "../parts/dialog.js";
import { Field } from "../parts/field.js";
import { LabelField } from "./label-field.js";

/** @param {{onClose: () => void}} properties */
export function AddPerson({ onClose }) {
  const [name, setName] = useState("");
  const [own, setOwn] = useState("");
  const [labels, setLabels] = useState(/** @type {string[]} */ ([]));
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const address = complete(name);

  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!address) return setProblem(words("add.who"));
    if (address === session.value?.address) return setProblem(words("add.yourself"));
    setBusy(true);
    try {
      await add(address, { name: asName(own) || undefined, labels });
      onClose();
      go(chatPath(address));
    } catch (error) {
      setProblem(explain(error));
      setBusy(false);
    }
  };
  return html`<${Dialog} title=${words("add.title")} onClose=${onClose} actions=${html`
      <${Button} onClick=${() => { if (address) { onClose(); go(chatPath(address)); } }} disabled=${!address}>${words("add.write")}<//>
      <${Button} kind="primary" type="submit" form="add-person" busy=${busy}>${words("add.submit")}<//>`}>
    <form id="add-person" class="form" onSubmit=${submit}>
      <${Field} label=${words("add.name")} value=${name} onInput=${(/** @type {string} */ value) => { setName(value); setProblem(""); }} hint=${words("add.hint", { domain: session.value?.domain ?? "" })} problem=${problem} autocapitalize="none" autocomplete="off" spellcheck=${false} autofocus />
      <${Field} label=${words("contact.name")} value=${own} onInput=${setOwn} maxlength="60" autocomplete="off" />
      <${LabelField} labels=${labels} onChange=${setLabels} />
    </form>
  <//>`;
}

/** A name becomes an address of this service. @param {string} name */
function complete(name) {
  const trimmed = name.trim().toLowerCase();
  return !trimmed || /\s/.test(trimmed) ? "" : trimmed.includes("@") ? trimmed : `${trimmed}@${session.value?.domain}`;
}
