// Contacts by label, with how they are: those who are here first.
import { useState } from "preact/hooks";
import { html } from "../html.js";
import { words } from "../words.js";
import { chatPath } from "../router.js";
import { blocked, contacts, displayName, peopleLoaded, showOf, statusTextOf } from "../store/people.js";
import { Avatar } from "../parts/avatar.js";
import { Button } from "../parts/button.js";
import { Empty } from "../parts/empty.js";
import { Icon } from "../parts/icon.js";
import { kindOf } from "../parts/presence.js";
import { Waiting } from "../parts/waiting.js";
import { openAdd } from "./dialogs.js";

/** @typedef {import("../store/people.js").Contact} Contact */

/** @param {{chosen?: string}} properties */
export function ContactList({ chosen }) {
  const all = [...contacts.value.values()];
  if (!peopleLoaded.value) return html`<${Waiting} />`;
  if (all.length === 0) {
    return html`<${Empty} icon="users" title=${words("contacts.empty")} text=${words("contacts.empty-text")}>
      <${Button} kind="primary" icon="user-plus" onClick=${() => openAdd()}>${words("add.title")}<//>
    <//>`;
  }
  /** @type {Map<string, Contact[]>} */
  const byLabel = new Map();
  for (const contact of all) for (const label of contact.labels.length ? contact.labels : [""]) byLabel.set(label, [...(byLabel.get(label) ?? []), contact]);
  const sorted = [...byLabel].sort(([one], [other]) => Number(one === "") - Number(other === "") || one.localeCompare(other));
  return sorted.map(([label, members]) => html`<${Label} key=${label} label=${label} members=${members} chosen=${chosen} alone=${sorted.length === 1} />`);
}

/** @param {{label: string, members: Contact[], chosen?: string, alone: boolean}} properties */
function Label({ label, members, chosen, alone }) {
  const [open, setOpen] = useState(true);
  const here = members.filter((one) => showOf(one.address)).length;
  const sorted = [...members].sort((one, other) => Number(!showOf(one.address)) - Number(!showOf(other.address)) || displayName(one.address).localeCompare(displayName(other.address)));
  const name = label || words(alone ? "contacts.all" : "contacts.others");
  return html`<section aria-label=${name}>
    <h2 class="label-head"><button type="button" class="inset list-item" aria-expanded=${open} onClick=${() => setOpen(!open)}>
      <${Icon} name=${open ? "chevron-down" : "chevron-right"} size=${14} /><bdi class="cut">${name}</bdi>
      <span class="muted figures">${words("contacts.here", { here, all: members.length })}</span>
    </button></h2>
    ${open && html`<ul class="rows">${sorted.map((contact) => html`<li key=${contact.address}><${Line} contact=${contact} chosen=${contact.address === chosen} /></li>`)}</ul>`}
  </section>`;
}

/** @param {{contact: Contact, chosen: boolean}} properties */
function Line({ contact, chosen }) {
  const { address } = contact;
  const name = displayName(address);
  const show = showOf(address);
  const isBlocked = blocked.value.has(address);
  const text = statusTextOf(address);
  return html`<a class=${`line inset ${chosen ? "chosen" : ""}`} href=${chatPath(address)} aria-current=${chosen ? "page" : undefined}>
    <${Avatar} name=${name} address=${address} show=${contact.to ? show : undefined} icon=${isBlocked ? "ban" : undefined} />
    <span class="line-words">
      <span class="line-top"><bdi class="line-name cut">${name}</bdi></span>
      <span class="line-bottom"><span class="line-text cut">
        ${isBlocked ? words("blocked") : contact.asked && !contact.to ? words("contacts.asked") : !contact.to ? words("contacts.unseen")
          : html`<span class="line-presence">${words(`presence.${kindOf(show)}`)}</span>${text && html`<bdi> · ${text}</bdi>`}`}
      </span></span>
    </span>
  </a>`;
}
