// Groups, and who is in them.
import { useEffect, useState } from "preact/hooks";
import { html } from "../../html.js";
import { words } from "../../words.js";
import * as api from "../../api/console-people.js";
import { explain, toastProblem } from "../../store/toasts.js";
import { Button, IconButton } from "../../parts/button.js";
import { Empty } from "../../parts/empty.js";
import { Field } from "../../parts/field.js";
import { Icon } from "../../parts/icon.js";
import { Waiting } from "../../parts/waiting.js";
import { directory, loadDirectory } from "./directory.js";
import { Ask, Failed, Page, localName } from "./page.js";

export function Groups() {
  const [problem, setProblem] = useState("");
  const [asked, setAsked] = useState("");
  const [name, setName] = useState("");
  const [dropped, setDropped] = useState("");
  const load = () => loadDirectory({ anew: true }).then(() => setProblem(""), (error) => setProblem(explain(error)));
  useEffect(() => void load(), []);
  const groups = directory.value?.groups;
  return html`<${Page} title=${words("console.place.groups")} actions=${html`<${Button} kind="primary" icon="plus" onClick=${() => setAsked("add")}>${words("groups.add")}<//>`} lead=${words("groups.lead")}>
    ${problem && html`<${Failed} text=${problem} onAgain=${load} />`}
    ${!groups && !problem && html`<${Waiting} />`}
    ${groups?.length === 0 && html`<${Empty} icon="users" title=${words("groups.empty")} text=${words("groups.lead")} />`}
    <div class="groups">${groups?.map((group) => html`<${GroupCard} key=${group.name} group=${group} onChange=${load} onRemove=${() => setDropped(group.name)} />`)}</div>
    ${asked === "add" && html`<${Ask} title=${words("groups.add")} submit=${words("groups.add")} onClose=${() => setAsked("")} act=${async () => { await api.addGroup(name.trim()); setName(""); await load(); }}><${Field} label=${words("people.name")} value=${name} onInput=${setName} maxlength="64" hint=${words("groups.name-hint")} /><//>`}
    ${dropped && html`<${Ask} danger title=${words("groups.remove", { name: dropped })} text=${words("groups.remove-text")} submit=${words("delete")} onClose=${() => setDropped("")} act=${async () => { await api.removeGroup(dropped); await load(); }} />`}
  <//>`;
}

/** @param {{group: import("../../api/console-people.js").Group, onChange: () => void, onRemove: () => void}} properties */
function GroupCard({ group, onChange, onRemove }) {
  const [typed, setTyped] = useState("");
  const id = `group-${group.name}`;
  const act = async (/** @type {Promise<unknown>} */ asked) => {
    await asked.catch(toastProblem);
    setTyped("");
    onChange();
  };
  const others = typed ? (directory.value?.accounts ?? []).filter((one) => !group.members.includes(one.address) && one.address.includes(typed.toLowerCase())).slice(0, 30) : [];
  return html`<details class="group-card"><summary><span class="row"><${Icon} name="users" size=${18} /><bdi class="strong grow">${group.name}</bdi><span class="small muted figures">${words("audience.people", { count: group.members.length })}</span></span></summary>
    <div class="column group-inside">
      <ul class="tags">${group.members.map((address) => html`<li key=${address} class="chip"><bdi>${localName(address)}</bdi><button type="button" class="chip-x" aria-label=${words("groups.take-out", { name: localName(address) })} onClick=${() => act(api.leave(group.name, address))}><${Icon} name="x" size=${14} /></button></li>`)}</ul>
      <form class="row" onSubmit=${(/** @type {Event} */ event) => { event.preventDefault(); if (typed.trim()) act(api.join(group.name, typed.trim())); }}>
        <input class="input grow" list=${id} value=${typed} placeholder=${words("groups.put-in")} aria-label=${words("groups.put-in")} onInput=${(/** @type {any} */ event) => setTyped(event.currentTarget.value)} /><datalist id=${id}>${others.map((one) => html`<option key=${one.address} value=${localName(one.address)}></option>`)}</datalist>
        <${Button} type="submit">${words("add")}<//><${IconButton} icon="trash-2" size=${18} label=${words("groups.remove", { name: group.name })} onClick=${onRemove} /></form>
    </div></details>`;
}
