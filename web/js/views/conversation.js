// One conversation: who it is with, what was said, and what is being written.
import { useEffect, useRef, useState } from "preact/hooks";
import { html } from "../html.js";
import { words } from "../words.js";
import { go } from "../router.js";
import { connection } from "../api/events.js";
import { conversation, held, markRead, openConversation } from "../store/conversations.js";
import { blocked, contacts, displayName, isStranger, showOf, statusTextOf } from "../store/people.js";
import { conversationName, isRoom, join, rooms } from "../store/rooms.js";
import { isLookedAt } from "../store/notifications.js";
import { toastProblem } from "../store/toasts.js";
import { Avatar } from "../parts/avatar.js";
import { Button, IconButton } from "../parts/button.js";
import { Icon } from "../parts/icon.js";
import { lazy, nothing } from "../parts/lazy.js";
import { Presence } from "../parts/presence.js";
import { Composer } from "./composer.js";
import { MessageList } from "./message-list.js";

const Search = lazy(() => import("./search.js"), "Search", { waiting: nothing });

/** @typedef {import("../api/chat.js").Message} Message */
/** @typedef {{kind: "reply" | "edit", message: Message} | null} About what the composer is about */

/** @param {{address: string, details: boolean, onDetails: () => void}} properties */
export function Conversation({ address, details, onDetails }) {
  const one = conversation(address);
  const [about, setAbout] = useState(/** @type {About} */ (null));
  const [searching, setSearching] = useState(false);
  const [found, setFound] = useState("");
  const root = useRef(/** @type {HTMLElement | null} */ (null));

  const { state } = connection.value;
  useEffect(() => {
    // A room is not to be read before this page is in it, which the composer's place says.
    const isClosed = (/** @type {any} */ problem) => problem.status === 403 && isRoom(address);
    openConversation(one).catch((problem) => state === "connected" && !isClosed(problem) && toastProblem(problem));
  }, [one, state]);
  useReading(one);
  const unverified = isStranger(address);
  const escape = (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.preventDefault();
    if (about) setAbout(null);
    else if (searching) setSearching(false);
    else go("/chats");
  };

  return html`<section ref=${root} class="conversation" aria-label=${words("conversation.with", { name: conversationName(address) })} onKeyDown=${escape}
    onDragOver=${(/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files") && event.preventDefault()}>
    <${Head} address=${address} unverified=${unverified} details=${details} onDetails=${onDetails} searching=${searching} onSearch=${() => setSearching(!searching)} />
    ${searching && html`<${Search} one=${one} onFound=${setFound} onClose=${() => setSearching(false)} />`}
    <${Trust} one=${one} />
    <${MessageList} one=${one} found=${found} onReply=${(/** @type {Message} */ message) => setAbout({ kind: "reply", message })} onEdit=${(/** @type {Message} */ message) => setAbout({ kind: "edit", message })} />
    <${Typing} one=${one} />
    ${blocked.value.has(address)
      ? html`<p class="composer-closed">${words("blocked.no-answer")}</p>`
      : rooms.value.get(address)?.joined === false
        ? html`<div class="composer-closed">${words("room.not-in")} <${Button} kind="primary" onClick=${() => join(address).catch(toastProblem)}>${words("room.join")}<//></div>`
        : html`<${Composer} one=${one} root=${root} about=${about} onAbout=${setAbout} />`}
  </section>`;
}

/** @param {{address: string, unverified: boolean, details: boolean, onDetails: () => void, searching: boolean, onSearch: () => void}} properties */
function Head({ address, unverified, details, onDetails, searching, onSearch }) {
  const room = isRoom(address);
  const name = conversationName(address);
  const show = showOf(address);
  const members = rooms.value.get(address)?.members?.length ?? 0;
  const text = room ? rooms.value.get(address)?.subject || (members ? words("room.members", { count: members }) : "") : statusTextOf(address);
  const isKnown = contacts.value.get(address)?.to;
  return html`<header class="pane-head conversation-head">
    <${IconButton} class="back" icon="arrow-left" label=${words("back")} onClick=${() => go("/chats")} />
    <${Avatar} name=${name} address=${address} icon=${room ? "hash" : unverified ? "lock-open" : undefined} unverified=${unverified} show=${room || unverified || !isKnown ? undefined : show} />
    <div class="grow">
      <h1 class="cut"><bdi>${name}</bdi></h1>
      <p class="cut small muted">
        ${unverified ? html`<span class="trust-word"><${Icon} name="lock-open" size=${12} /> ${words("unverified")}</span>`
          : room || !isKnown ? html`<bdi class="cut">${text || address}</bdi>` : html`<${Presence} show=${show} />${text && html`<span aria-hidden="true">·</span><bdi class="cut">${text}</bdi>`}`}
      </p>
    </div>
    <${IconButton} icon="search" label=${words("search.here")} pressed=${searching} onClick=${onSearch} />
    <${IconButton} icon="panel-right" label=${words("details")} pressed=${details} onClick=${onDetails} />
  </header>`;
}

/** What has to be known of who is on the other side, in a place where nobody can miss it. @param {{one: import("../store/conversations.js").Conversation}} properties */
function Trust({ one }) {
  const last = one.messages.value.findLast((message) => !message.own);
  if (!last) return null;
  if (!last.verified) {
    return html`<div class="trust unverified" role="note"><${Icon} name="lock-open" size=${18} />
      <p><strong>${words("unverified.title")}</strong> ${words(last.source ? "unverified.why-from" : "unverified.why", { source: last.source })} ${isStranger(one.address) && words("unverified.answer")}</p></div>`;
  }
  if (!last.secret) {
    return html`<div class="trust unverified" role="note"><${Icon} name="lock-open" size=${18} /><p><strong>${words("not-encrypted.title")}</strong> ${words("not-encrypted.why")}</p></div>`;
  }
  return null;
}

/** @param {{one: import("../store/conversations.js").Conversation}} properties */
function Typing({ one }) {
  const who = [...one.typing.value.keys()].map(displayName);
  const text = who.length === 0 ? "" : who.length === 1 ? words("typing.one", { name: who[0] }) : words("typing.more", { count: who.length });
  return html`<p class="typing" aria-live="polite">${text && html`<span class="typing-dots" aria-hidden="true"><i></i><i></i><i></i></span><bdi>${text}</bdi>`}</p>`;
}

/** Marks as read what somebody looks at, and keeps the line of the new ones where it was when they came. @param {import("../store/conversations.js").Conversation} one */
function useReading(one) {
  const count = one.messages.value.length;
  const first = useRef(true);
  useEffect(() => {
    const look = () => {
      if (!isLookedAt(one.address)) return;
      if (one.unread.value > 0) {
        held.value = one.address;
        if (first.current || one.lineAt.value === 0) one.lineAt.value = one.readAt.value || 1;
      }
      first.current = false;
      markRead(one);
    };
    look();
    addEventListener("focus", look);
    document.addEventListener("visibilitychange", look);
    return () => {
      removeEventListener("focus", look);
      document.removeEventListener("visibilitychange", look);
    };
  }, [count, one]);
  useEffect(() => () => {
    one.lineAt.value = 0;
    if (held.value === one.address) held.value = "";
  }, [one]);
}
