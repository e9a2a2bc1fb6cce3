// Adding one person; the password can be made here, and is shown once.
import { useEffect, useState } from "preact/hooks";
import { html } from "../../html.js";
import { words } from "../../words.js";
import * as api from "../../api/console-people.js";
import { explain } from "../../store/toasts.js";
import { Button } from "../../parts/button.js";
import { Dialog } from "../../parts/dialog.js";
import { Field, Tick } from "../../parts/field.js";
import { directory, loadDirectory } from "./directory.js";
import { Secret } from "./secret.js";

const LETTERS = "abcdefghjkmnpqrstuvwxyz23456789";

/** A password that can be read out: five groups of four. */
export function madePassword() {
  const numbers = crypto.getRandomValues(new Uint32Array(20));
  return [...numbers].map((number, index) => (index && index % 4 === 0 ? "-" : "") + LETTERS[number % LETTERS.length]).join("");
}

/** @param {{onClose: () => void, onDone: () => void}} properties */
export function AddPerson({ onClose, onDone }) {
  const [name, setName] = useState("");
  const [password, setPassword] = useState(madePassword);
  const [administrator, setAdministrator] = useState(false);
  const [groups, setGroups] = useState(/** @type {string[]} */ ([]));
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const [made, setMade] = useState("");
  useEffect(() => void loadDirectory().catch(() => {}), []);
  const add = async (/** @type {Event} */ event) => {
    event.preventDefault();
    setBusy(true);
    try {
      const account = await api.addAccount({ name: name.trim().toLowerCase(), password, administrator, groups });
      setMade(account.address);
      onDone();
    } catch (error) {
      setProblem(explain(error));
    }
    setBusy(false);
  };
  if (made) {
    return html`<${Dialog} title=${words("people.added")} onClose=${onClose} actions=${html`<${Button} kind="primary" onClick=${onClose}>${words("done")}<//>`}>
      <p>${words("people.added-text", { name: made })}</p><${Secret} label=${words("sign-in.password")} value=${password} /><//>`;
  }
  return html`<${Dialog} title=${words("people.add")} onClose=${onClose} actions=${html`<${Button} onClick=${onClose}>${words("cancel")}<//><${Button} kind="primary" type="submit" form="add-person" busy=${busy} disabled=${!name.trim() || !password}>${words("people.add")}<//>`}>
    <form id="add-person" class="form" onSubmit=${add}>
      <${Field} label=${words("people.name")} value=${name} onInput=${setName} autocomplete="off" problem=${problem} hint=${words("people.name-hint")} />
      <${Field} label=${words("sign-in.password")} value=${password} onInput=${setPassword} autocomplete="off" spellcheck="false" class="code-field" hint=${words("people.password-hint")} />
      <${GroupTicks} chosen=${groups} onChange=${setGroups} />
      <${Tick} label=${words("people.make-administrator")} checked=${administrator} onChange=${setAdministrator} />
    </form><//>`;
}

/** @param {{chosen: string[], onChange: (groups: string[]) => void}} properties */
export function GroupTicks({ chosen, onChange }) {
  const all = directory.value?.groups ?? [];
  if (!all.length) return null;
  return html`<fieldset class="fields"><legend>${words("people.groups")}</legend><div class="ticks">${all.map((group) => html`<${Tick} key=${group.name} label=${group.name} checked=${chosen.includes(group.name)} onChange=${(/** @type {boolean} */ on) => onChange(on ? [...chosen, group.name] : chosen.filter((one) => one !== group.name))} />`)}</div></fieldset>`;
}
