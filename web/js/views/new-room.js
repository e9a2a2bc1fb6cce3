// Making a room.
import { useState } from "preact/hooks";
import { html } from "../html.js";
import { words } from "../words.js";
import { chatPath, go } from "../router.js";
import { contacts, displayName } from "../store/people.js";
import { create } from "../store/rooms.js";
import { explain } from "../store/toasts.js";
import { Button } from "../parts/button.js";
import { Dialog } from "../parts/dialog.js";
import { Field, Switch, Tick } from "../parts/field.js";

/** @param {{onClose: () => void}} properties */
export function NewRoom({ onClose }) {
  const [title, setTitle] = useState("");
  const [members, setMembers] = useState(/** @type {string[]} */ ([]));
  const [isOpen, setOpen] = useState(false);
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const name = title.trim().toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "").replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "");
    if (!name) return setProblem(words("room.needs-title"));
    setBusy(true);
    try {
      const room = await create({ name, title: title.trim(), members, open: isOpen });
      onClose();
      go(chatPath(room.address));
    } catch (error) {
      setProblem(explain(error));
      setBusy(false);
    }
  };
  return html`<${Dialog} title=${words("room.new")} onClose=${onClose} actions=${html`<${Button} onClick=${onClose}>${words("cancel")}<//>
      <${Button} kind="primary" type="submit" form="new-room" busy=${busy}>${words("room.create")}<//>`}>
    <form id="new-room" class="form" onSubmit=${submit}>
      <${Field} label=${words("room.title")} value=${title} onInput=${setTitle} problem=${problem} maxlength="100" autofocus />
      <${Switch} label=${words("room.open")} hint=${words("room.open.what")} checked=${isOpen} onChange=${setOpen} />
      ${contacts.value.size > 0 && html`<fieldset class="labels"><legend>${words("room.who")}</legend>
        ${[...contacts.value.keys()].map((address) => html`<${Tick} key=${address} label=${displayName(address)} checked=${members.includes(address)}
          onChange=${(/** @type {boolean} */ on) => setMembers(on ? [...members, address] : members.filter((one) => one !== address))} />`)}</fieldset>`}
    </form>
  <//>`;
}
