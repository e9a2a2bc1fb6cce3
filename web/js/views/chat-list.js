// The list of the left: conversations with unread ones first, contacts by label, and who asks.
import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { html } from "../html.js";
import { words } from "../words.js";
import { chatPath, go, route } from "../router.js";
import { short, full } from "../times.js";
import { pathOfFile } from "../api/chat.js";
import { conversations, conversationsLoaded } from "../store/conversations.js";
import { answer, block, displayName, isStranger, requests, senderName, showOf } from "../store/people.js";
import { askPermission, wantsPermission } from "../store/notifications.js";
import { change } from "../store/settings.js";
import { conversationName, dropInvitation, hasRooms, invitations, isRoom, join, rooms, roomTitle } from "../store/rooms.js";
import { isAdministrator } from "../store/session.js";
import { toastProblem } from "../store/toasts.js";
import { Avatar } from "../parts/avatar.js";
import { Button, IconButton } from "../parts/button.js";
import { Empty } from "../parts/empty.js";
import { Icon } from "../parts/icon.js";
import { Menu } from "../parts/menu.js";
import { lazy } from "../parts/lazy.js";
import { ListPane } from "../parts/pane.js";
import { moveInList } from "../parts/list-keys.js";
import { Waiting } from "../parts/waiting.js";
import { openAdd, openJump, openNewRoom } from "./dialogs.js";

const ContactList = lazy(() => import("./contact-list.js"), "ContactList", { waiting: () => html`<${Waiting} />`, soon: true });

const tab = signal(/** @type {"chats" | "contacts"} */ ("chats"));

/** @param {{chosen?: string}} properties */
export function ChatList({ chosen }) {
  return html`<${ListPane} label=${words("chats")}>
    <header class="pane-head">
      <h1>${words("chats")}</h1>
      <${IconButton} icon="search" label=${words("jump.open")} onClick=${openJump} />
      ${hasRooms.value
        ? html`<${Menu} icon="plus" label=${words("new")} entries=${[
            { label: words("add.title"), icon: "user-plus", act: () => openAdd() },
            { label: words("room.new"), icon: "hash", act: openNewRoom },
          ]} />`
        : html`<${IconButton} icon="plus" label=${words("add.title")} onClick=${() => openAdd()} />`}
    </header>
    <div class="tabs" role="tablist" aria-label=${words("chats")} onKeyDown=${turn}>
      <${Tab} name="chats" label=${words("tab.recent")} />
      <${Tab} name="contacts" label=${words("tab.contacts")} count=${requests.value.length} />
    </div>
    <${PermissionNote} />
    <div class="grow scrolls list-body" id="chat-panel" role="tabpanel" aria-labelledby=${`tab-${tab.value}`} tabindex="-1" onKeyDown=${moveInList}>
      ${requests.value.map((address) => html`<${Request} key=${address} address=${address} />`)}
      ${[...invitations.value].filter(([room]) => !rooms.value.get(room)?.joined).map(([room, from]) => html`<${Invitation} key=${room} room=${room} from=${from} />`)}
      ${tab.value === "chats" ? html`<${Recent} chosen=${chosen} />` : html`<${ContactList} chosen=${chosen} />`}
    </div>
  <//>`;
}

/** @param {{name: "chats" | "contacts", label: string, count?: number}} properties */
function Tab({ name, label, count = 0 }) {
  const isHere = tab.value === name;
  return html`<button type="button" role="tab" id=${`tab-${name}`} class="tab inset" aria-selected=${isHere} aria-controls="chat-panel" tabindex=${isHere ? 0 : -1}
    onClick=${() => (tab.value = name)}>${label}${count > 0 && html` <span class="badge">${count}</span>`}</button>`;
}

/** @param {KeyboardEvent} event */
function turn(event) {
  if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
  tab.value = tab.value === "chats" ? "contacts" : "chats";
  const list = /** @type {HTMLElement} */ (event.currentTarget);
  requestAnimationFrame(() => /** @type {HTMLElement | null} */ (list.querySelector("[aria-selected=true]"))?.focus());
}

/** @param {{chosen?: string}} properties */
function Recent({ chosen }) {
  if (!conversationsLoaded.value && conversations.value.length === 0) return html`<${Waiting} />`;
  if (conversations.value.length === 0 && isAdministrator.value) {
    return html`<${Empty} icon="message-circle" title=${words("chats.empty")} text=${words("chats.empty-first")}>
      <a class="button primary" href="/console/people"><${Icon} name="user-plus" size=${16} /><span>${words("people.add")}</span></a>
      <a class="button" href="/console/new"><${Icon} name="megaphone" size=${16} /><span>${words("console.place.new")}</span></a>
    <//>`;
  }
  if (conversations.value.length === 0) {
    return html`<${Empty} icon="message-circle" title=${words("chats.empty")} text=${words("chats.empty-text")}>
      <${Button} kind="primary" icon="user-plus" onClick=${() => openAdd()}>${words("add.title")}<//>
    <//>`;
  }
  return html`<ul class="rows">${conversations.value.map((one) => html`<li key=${one.address}><${Line} one=${one} chosen=${one.address === chosen} /></li>`)}</ul>`;
}

/** @param {{one: import("../store/conversations.js").Conversation, chosen: boolean}} properties */
function Line({ one, chosen }) {
  const last = one.last.value;
  const unread = one.unread.value;
  const typing = one.typing.value.size > 0;
  const room = isRoom(one.address);
  const name = conversationName(one.address);
  const unverified = isStranger(one.address);
  return html`<a class=${`line inset ${chosen ? "chosen" : ""} ${unread ? "unread" : ""}`} href=${chatPath(one.address)} aria-current=${chosen ? "page" : undefined}>
    <${Avatar} name=${name} address=${one.address} icon=${room ? "hash" : unverified ? "lock-open" : undefined} unverified=${unverified}
      show=${room || unverified ? undefined : showOf(one.address)} />
    <span class="line-words">
      <span class="line-top"><bdi class="line-name cut">${name}</bdi>${last && html`<time class="line-time" title=${full(last.at)}>${short(last.at)}</time>`}</span>
      <span class="line-bottom">
        ${unverified && html`<span class="trust-word">${words("unverified")}</span>`}
        <span class="line-text cut">${typing ? html`<span class="line-typing">${words("typing.one-short")}</span>` : last && html`<${Preview} message=${last} room=${room} />`}</span>
        ${one.draft.value && !chosen && html`<span class="line-draft"><${Icon} name="pencil" size=${14} /><span class="unseen">${words("draft")}</span></span>`}
        ${unread > 0 && html`<span class="badge" aria-hidden="true">${unread > 99 ? "99+" : unread}</span><span class="unseen">${words("unread", { count: unread })}</span>`}
      </span>
    </span>
  </a>`;
}

/** @param {{message: import("../store/conversations.js").Message, room: boolean}} properties */
function Preview({ message, room }) {
  const who = message.own ? words("you") : room ? senderName(message) : "";
  return html`${who && html`<span class="line-who">${who}: </span>`}<bdi>${previewOf(message)}</bdi>`;
}

/** What a message is in one line. @param {import("../store/conversations.js").Message} message */
export function previewOf(message) {
  if (message.retracted) return words("message.retracted");
  if (message.sealed) return words("message.sealed");
  if (message.file) return message.text && !message.text.endsWith(pathOfFile(message.file.url)) ? message.text : message.file.name;
  return message.foreign ? words("message.foreign") : message.text.replace(/\s+/g, " ").slice(0, 160);
}

/** @param {{address: string}} properties */
function Request({ address }) {
  const [busy, setBusy] = useState(false);
  const doing = (/** @type {() => Promise<any>} */ what) => () => {
    setBusy(true);
    what().catch(toastProblem).finally(() => setBusy(false));
  };
  return html`<section class="request" aria-label=${words("request.label", { name: address })}>
    <div class="row"><${Avatar} name=${address} address=${address} /><p class="grow small"><bdi class="strong">${address}</bdi> ${words("request.asks")}</p></div>
    <div class="row request-buttons">
      <${Button} kind="primary" busy=${busy} onClick=${doing(() => answer(address, true))}>${words("request.accept")}<//>
      <${Button} onClick=${doing(() => answer(address, false))}>${words("request.decline")}<//>
      <${Button} kind="quiet" onClick=${doing(() => block(address))}>${words("block")}<//>
    </div>
  </section>`;
}

/** @param {{room: string, from: string}} properties */
function Invitation({ room, from }) {
  const [busy, setBusy] = useState(false);
  const accept = () => {
    setBusy(true);
    join(room).then(() => go(chatPath(room)), toastProblem).finally(() => setBusy(false));
  };
  return html`<section class="request" aria-label=${words("room.invitation-label", { room: roomTitle(room) })}>
    <div class="row"><${Avatar} name=${roomTitle(room)} address=${room} icon="hash" /><p class="grow small"><bdi class="strong">${displayName(from)}</bdi> ${words("room.invitation")} <bdi class="strong">${roomTitle(room)}</bdi></p></div>
    <div class="row request-buttons"><${Button} kind="primary" busy=${busy} onClick=${accept}>${words("room.join")}<//><${Button} onClick=${() => dropInvitation(room)}>${words("request.decline")}<//></div>
  </section>`;
}

function PermissionNote() {
  const [hidden, setHidden] = useState(true);
  // Asked for when somebody has looked around, not at the first moment.
  useEffect(() => {
    const timer = setTimeout(() => setHidden(false), 4000);
    return () => clearTimeout(timer);
  }, []);
  if (hidden || !wantsPermission.value || route.value[0] !== "chats") return null;
  return html`<div class="permission">
    <${Icon} name="bell-ring" size=${18} />
    <div class="column grow"><p class="small">${words("permission.ask")}</p>
      <div class="row"><${Button} kind="primary" onClick=${askPermission}>${words("permission.allow")}<//><${Button} kind="quiet" onClick=${() => change({ notifications: false })}>${words("permission.no")}<//></div>
    </div>
  </div>`;
}
