// Bringing people into a room.
import { useState } from "preact/hooks";
import { html } from "../html.js";
import { words } from "../words.js";
import { contacts, displayName } from "../store/people.js";
import { invite } from "../store/rooms.js";
import { session } from "../store/session.js";
import { explain } from "../store/toasts.js";
import { Button } from "../parts/button.js";
import { Dialog } from "../parts/dialog.js";
import { Field, Tick } from "../parts/field.js";

/** @param {{room: import("../store/rooms.js").Room, onClose: () => void}} properties */
export function Invite({ room, onClose }) {
  const [chosen, setChosen] = useState(/** @type {string[]} */ ([]));
  const [other, setOther] = useState("");
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const inside = new Set((room.members ?? []).map((member) => member.address));
  const outside = [...contacts.value.keys()].filter((address) => !inside.has(address));
  const typed = other.trim().toLowerCase();
  const all = [...chosen, ...(typed ? [typed.includes("@") ? typed : `${typed}@${session.value?.domain}`] : [])];

  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (all.length === 0) return setProblem(words("add.who"));
    setBusy(true);
    try {
      for (const person of all) await invite(room.address, person);
      onClose();
    } catch (error) {
      setProblem(explain(error));
      setBusy(false);
    }
  };
  return html`<${Dialog} title=${words("room.invite")} onClose=${onClose} actions=${html`<${Button} onClick=${onClose}>${words("cancel")}<//>
      <${Button} kind="primary" type="submit" form="invite" busy=${busy}>${all.length ? words("room.invite-count", { count: all.length }) : words("room.invite")}<//>`}>
    <form id="invite" class="form" onSubmit=${submit}>
      ${outside.length > 0 && html`<fieldset class="labels"><legend>${words("contacts.all")}</legend>
        ${outside.map((address) => html`<${Tick} key=${address} label=${displayName(address)} checked=${chosen.includes(address)}
          onChange=${(/** @type {boolean} */ on) => setChosen(on ? [...chosen, address] : chosen.filter((one) => one !== address))} />`)}</fieldset>`}
      <${Field} label=${words("add.name")} value=${other} onInput=${setOther} problem=${problem} hint=${words("add.hint", { domain: session.value?.domain ?? "" })} autocapitalize="none" autocomplete="off" spellcheck=${false} />
    </form>
  <//>`;
}
