// Details of a person or a room, and what can be done about them.
import { useEffect, useState } from "preact/hooks";
import { html } from "../html.js";
import { words } from "../words.js";
import { chatPath, go } from "../router.js";
import { asName } from "../api/text.js";
import { strangersSource } from "../store/conversations.js";
import * as people from "../store/people.js";
import * as rooms from "../store/rooms.js";
import { toast, toastProblem } from "../store/toasts.js";
import { Avatar } from "../parts/avatar.js";
import { Button, IconButton } from "../parts/button.js";
import { Field } from "../parts/field.js";
import { Icon } from "../parts/icon.js";
import { Presence } from "../parts/presence.js";
import { Invite } from "./invite.js";
import { LabelField } from "./label-field.js";

/** @param {{address: string, onClose: () => void}} properties */
export function Details({ address, onClose }) {
  return html`<aside class="pane drawer" aria-label=${words("details")} onKeyDown=${(/** @type {KeyboardEvent} */ event) => event.key === "Escape" && (event.preventDefault(), onClose())}>
    <header class="pane-head"><h2 class="grow">${words("details")}</h2><${IconButton} icon="x" label=${words("close")} onClick=${onClose} /></header>
    <div class="pane-body details">${rooms.isRoom(address) ? html`<${RoomDetails} address=${address} />` : html`<${PersonDetails} address=${address} />`}</div>
  </aside>`;
}

/** @param {{address: string}} properties */
function PersonDetails({ address }) {
  if (people.isStranger(address)) return html`<${Stranger} address=${address} />`;
  const contact = people.contacts.value.get(address);
  const name = people.displayName(address);
  const isBlocked = people.blocked.value.has(address);
  const text = people.statusTextOf(address);
  const doing = (/** @type {() => Promise<any>} */ what) => () => what().catch(toastProblem);
  return html`
    <div class="details-head"><${Avatar} name=${name} address=${address} size=${64} />
      <h3><bdi>${name}</bdi></h3><p class="small muted"><bdi>${address}</bdi></p>
      ${contact?.to && html`<p class="small"><${Presence} show=${people.showOf(address)} />${text && html`<span aria-hidden="true">·</span><bdi class="muted">${text}</bdi>`}</p>`}
      ${contact && !contact.to && html`<p class="small muted">${words(contact.asked ? "contacts.asked" : "contacts.unseen")}</p>`}</div>
    ${contact
      ? html`<${ContactForm} key=${address} contact=${contact} />`
      : html`<${Button} kind="primary" icon="user-plus" onClick=${doing(() => people.add(address))}>${words("contact.add")}<//>`}
    <section class="details-actions" aria-label=${words("details.actions")}>
      ${contact && !contact.to && !contact.asked && html`<${Button} icon="eye" onClick=${doing(() => people.add(address, { name: contact.name ?? undefined, labels: contact.labels }))}>${words("contact.ask")}<//>`}
      <${BlockButton} address=${address} />
      ${contact && html`<${Button} icon="user-x" kind="danger" onClick=${doing(() => people.remove(address))}>${words("contact.remove")}<//>`}
      <p class="hint">${words(isBlocked ? "blocked.why" : "block.why")}</p>
    </section>`;
}

/** @param {{contact: import("../store/people.js").Contact}} properties */
function ContactForm({ contact }) {
  const [name, setName] = useState(contact.name ?? "");
  const [labels, setLabels] = useState(contact.labels);
  const isChanged = name !== (contact.name ?? "") || labels.join("\n") !== contact.labels.join("\n");
  const save = async (/** @type {Event} */ event) => {
    event.preventDefault();
    try {
      await people.change(contact.address, { name: asName(name) || undefined, labels });
      toast(words("saved"));
    } catch (problem) {
      toastProblem(problem);
    }
  };
  return html`<form class="form" onSubmit=${save}>
    <${Field} label=${words("contact.name")} value=${name} onInput=${setName} placeholder=${people.displayName(contact.address)} maxlength="60" />
    <${LabelField} labels=${labels} onChange=${setLabels} />
    ${isChanged && html`<div><${Button} kind="primary" type="submit">${words("save")}<//></div>`}
  </form>`;
}

/** @param {{address: string}} properties */
function Stranger({ address }) {
  const name = rooms.conversationName(address);
  const source = strangersSource(address);
  return html`<div class="details-head"><${Avatar} name=${name} address=${address} size=${64} icon="lock-open" unverified />
      <h3><bdi>${name}</bdi></h3><p class="trust-word"><${Icon} name="lock-open" size=${14} /> ${words("unverified")}</p></div>
    <p class="note unverified"><span>${words(source ? "unverified.why-from" : "unverified.why", { source })}</span></p>
    <dl class="facts"><dt>${words("unverified.source")}</dt><dd class="figures">${source || words("unknown")}</dd>
      <dt>${words("unverified.protocol")}</dt><dd>${words("protocol.windows")}</dd></dl>
    <section class="details-actions" aria-label=${words("details.actions")}><${BlockButton} address=${address} /></section>`;
}

/** @param {{address: string}} properties */
function BlockButton({ address }) {
  const isBlocked = people.blocked.value.has(address);
  const act = () => (isBlocked ? people.unblock(address) : people.block(address)).catch(toastProblem);
  return html`<${Button} icon="ban" kind=${isBlocked ? "plain" : "danger"} onClick=${act}>${words(isBlocked ? "unblock" : "block")}<//>`;
}

/** @param {{address: string}} properties */
function RoomDetails({ address }) {
  const room = rooms.rooms.value.get(address);
  const [inviting, setInviting] = useState(false);
  useEffect(() => {
    rooms.loadRoom(address).catch(() => {});
  }, [address]);
  const members = room?.members ?? [];
  return html`<div class="details-head"><${Avatar} name=${rooms.roomTitle(address)} address=${address} size=${64} icon="hash" />
      <h3><bdi>${rooms.roomTitle(address)}</bdi></h3><p class="small muted"><bdi>${address}</bdi></p>${room?.description && html`<p class="small"><bdi>${room.description}</bdi></p>`}</div>
    <section><h3 class="small muted">${words("room.members", { count: members.length })}</h3>
      <ul class="rows">${members.map((member) => {
        const name = member.address && people.contacts.value.has(member.address) ? people.displayName(member.address) : member.nickname || people.displayName(member.address ?? "");
        return html`<li key=${member.address ?? name}><a class="line inset" href=${member.address ? chatPath(member.address) : undefined}>
          <${Avatar} name=${name} address=${member.address ?? name} size=${28} show=${member.present ? "available" : null} /><span class="line-words"><bdi class="cut">${name}</bdi></span></a></li>`;
      })}</ul></section>
    <section class="details-actions" aria-label=${words("details.actions")}><${Button} icon="user-plus" onClick=${() => setInviting(true)}>${words("room.invite")}<//>
      <${Button} icon="log-out" kind="danger" onClick=${() => rooms.leave(address).then(() => go("/chats"), toastProblem)}>${words("room.leave")}<//></section>
    ${inviting && room && html`<${Invite} room=${room} onClose=${() => setInviting(false)} />`}`;
}
