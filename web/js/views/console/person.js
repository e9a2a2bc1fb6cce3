// Everything about one person: groups, rights, password, and what ends it.
import { useState } from "preact/hooks";
import { html } from "../../html.js";
import { words } from "../../words.js";
import { ago, full } from "../../times.js";
import * as api from "../../api/console-people.js";
import { session } from "../../store/session.js";
import { toast, toastProblem } from "../../store/toasts.js";
import { Avatar } from "../../parts/avatar.js";
import { Button, IconButton } from "../../parts/button.js";
import { Dialog } from "../../parts/dialog.js";
import { Field, Switch } from "../../parts/field.js";
import { Waiting } from "../../parts/waiting.js";
import { Ask, Failed, saveFile, useLoaded } from "./page.js";
import { GroupTicks, madePassword } from "./people-add.js";
import { Rights } from "./rights.js";
import { Secret } from "./secret.js";

/** @param {{name: string, onClose: () => void, onChange: () => void}} properties */
export function Person({ name, onClose, onChange }) {
  const { value: one, problem, again } = useLoaded(() => api.account(name), [name]);
  const [asked, setAsked] = useState("");
  const [password, setPassword] = useState("");
  const isMe = one?.address === session.value?.address;
  const change = async (/** @type {() => Promise<unknown>} */ act) => {
    try {
      await act();
    } catch (error) {
      toastProblem(error);
    }
    await again();
    onChange();
  };
  const setGroups = (/** @type {string[]} */ groups) =>
    change(async () => {
      for (const group of groups) if (!one?.groups.includes(group)) await api.join(group, name);
      for (const group of one?.groups ?? []) if (!groups.includes(group)) await api.leave(group, name);
    });
  if (asked === "password") {
    return html`<${Ask} title=${words("person.password")} submit=${words("person.password-submit")} onClose=${() => setAsked("")} text=${words("person.password-text")} act=${async () => { await api.setPassword(name, password); setTimeout(() => setAsked("password-done")); }}>
      <${Field} label=${words("password.fresh")} value=${password} onInput=${setPassword} autocomplete="off" spellcheck="false" class="code-field" /><//>`;
  }
  if (asked === "password-done") {
    return html`<${Dialog} title=${words("person.password-done")} onClose=${() => setAsked("")} actions=${html`<${Button} kind="primary" onClick=${() => setAsked("")}>${words("done")}<//>`}><${Secret} label=${words("password.fresh")} value=${password} /><//>`;
  }
  if (asked === "erase" || asked === "remove") {
    return html`<${Ask} danger title=${words(`person.${asked}`)} text=${words(`person.${asked}-text`, { name })} submit=${words(`person.${asked}`)} onClose=${() => setAsked("")} act=${async () => { await (asked === "erase" ? api.eraseAccount(name) : api.removeAccount(name)); onChange(); setTimeout(onClose); }} />`;
  }
  return html`<${Dialog} wide title=${name} onClose=${onClose}>
    ${problem && html`<${Failed} text=${problem} onAgain=${again} />`}
    ${!one && !problem && html`<${Waiting} />`}
    ${one && html`<div class="row person-head"><${Avatar} name=${one.address} address=${one.address} size=${64} /><div class="grow"><p class="strong"><bdi>${one.address}</bdi></p><p class="small muted">${words("person.facts", { netbios: one.netbios, time: ago(Date.parse(one.created_at)) })}</p></div></div>
      <${GroupTicks} chosen=${one.groups} onChange=${setGroups} />
      <${Rights} name=${name} isAdministrator=${one.administrator} />
      <div class="switches">
        <${Switch} label=${words("people.administrator")} hint=${words("person.administrator-hint")} checked=${one.administrator} disabled=${isMe} onChange=${(/** @type {boolean} */ administrator) => change(() => api.changeAccount(name, { administrator }))} />
        <${Switch} label=${words("person.unverified")} hint=${words("person.unverified-hint")} checked=${one.accepts_unverified} onChange=${(/** @type {boolean} */ on) => change(() => api.changeAccount(name, { accepts_unverified: on }))} />
        <${Switch} label=${words("person.disabled")} hint=${words("person.disabled-hint")} checked=${one.disabled} disabled=${isMe} onChange=${(/** @type {boolean} */ disabled) => change(() => api.changeAccount(name, { disabled }))} />
      </div>
      <div class="row wrap"><${Button} icon="key-round" onClick=${() => { setPassword(madePassword()); setAsked("password"); }}>${words("person.password")}<//>
        <${Button} icon="download" onClick=${async () => saveFile(await api.exportAccount(name), `${name}.ndjson`)}>${words("person.export")}<//></div>
      ${!isMe && html`<div class="row wrap"><${Button} kind="danger" icon="user-x" onClick=${() => setAsked("remove")}>${words("person.remove")}<//><${Button} kind="danger" icon="trash-2" onClick=${() => setAsked("erase")}>${words("person.erase")}<//></div>`}`}
  <//>`;
}
