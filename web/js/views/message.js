// One message: who, what, when, and what can be done with it.
import { html } from "../html.js";
import { words } from "../words.js";
import { clock, full } from "../times.js";
import { displayName, senderName } from "../store/people.js";
import { pathOfFile } from "../api/chat.js";
import { discard, sendAgain } from "../store/outbox.js";
import { session } from "../store/session.js";
import { Avatar } from "../parts/avatar.js";
import { Icon } from "../parts/icon.js";
import { RichText, isOnlyEmoji } from "../parts/rich-text.js";
import { Attachment } from "./attachment.js";
import { MessageActions, toggleReaction } from "./message-actions.js";

/** @typedef {import("../api/chat.js").Message} Message */

/**
 * @param {{message: Message, first: boolean, last: boolean, one: import("../store/conversations.js").Conversation, room: boolean,
 *   lastOwnKey: string, found: string, onReply: (message: Message) => void, onEdit: (message: Message) => void}} properties
 */
export function MessageRow({ message, first, last, one, room, lastOwnKey, found, onReply, onEdit }) {
  const { own, verified } = message;
  const name = own ? words("you") : senderName(message);
  const big = !message.file && !message.reply && isOnlyEmoji(message.text);
  const classes = ["message", own ? "own" : "other", first && "first", last && "last", !verified && "unverified", `is-${message.state}`, big && "big", found === message.key && "found"];
  return html`<article class=${classes.filter(Boolean).join(" ")} aria-label=${words("message.label", { name, time: clock(message.at) })} tabindex="-1">
    ${!own && html`<span class="message-avatar">${first && html`<${Avatar} name=${name} address=${message.from} size=${28} icon=${verified ? undefined : "lock-open"} unverified=${!verified} />`}</span>`}
    <div class="message-column">
      ${first && html`<div class="message-head">
        ${(!own || !verified) && html`<bdi class="message-name cut">${name}</bdi>`}
        ${!verified && html`<span class="trust-word"><${Icon} name="lock-open" size=${12} /> ${words("unverified")}</span>`}
        <time class="message-time" dateTime=${new Date(message.at).toISOString()} title=${full(message.at)}>${clock(message.at)}</time>
      </div>`}
      <div class="bubble-line">
        <div class="bubble">
          ${message.reply && html`<${Quote} reply=${message.reply} one=${one} />`}
          ${message.subject && html`<p class="message-subject"><bdi>${message.subject}</bdi></p>`}
          ${message.retracted ? html`<p class="message-gone"><${Icon} name="trash-2" size=${14} /> ${words("message.retracted")}</p>`
            : message.sealed ? html`<p class="message-gone"><${Icon} name="lock" size=${14} /> ${words("message.sealed")}</p>`
            : message.foreign ? html`<p class="message-gone"><${Icon} name="info" size=${14} /> ${words("message.foreign")}</p>`
            : html`${message.file && html`<${Attachment} file=${message.file} />`}
              ${message.text && !isFileAddress(message) && html`<p class="message-text"><${RichText} text=${message.text} links=${verified} /></p>`}`}
          ${message.edited > 0 && !message.retracted && html`<span class="message-edited" title=${full(message.edited)}>${words("message.edited")}</span>`}
        </div>
        ${!first && html`<time class="message-time aside" aria-hidden="true" title=${full(message.at)}>${clock(message.at)}</time>`}
        ${message.id && !message.retracted && html`<${MessageActions} message=${message} room=${room} onReply=${onReply} onEdit=${onEdit} />`}
      </div>
      <${Reactions} message=${message} />
      ${message.state === "failed" && html`<${Failed} message=${message} />`}
      ${own && (message.state === "waiting" || message.key === lastOwnKey) && !message.retracted && html`<${Stage} message=${message} one=${one} room=${room} />`}
    </div>
  </article>`;
}

/** Whether the text is nothing but where the file is. @param {Message} message */
const isFileAddress = ({ text, file }) => Boolean(file) && text.endsWith(pathOfFile(file?.url ?? " "));

/** @param {{reply: {mark: string, from: string, text: string}, one: import("../store/conversations.js").Conversation}} properties */
function Quote({ reply, one }) {
  const meant = one.messages.value.findLast((message) => message.mark === reply.mark || message.id === reply.mark);
  const from = meant?.from ?? reply.from;
  const text = meant ? (meant.retracted ? words("message.retracted") : meant.text || meant.file?.name || "") : reply.text;
  return html`<blockquote class="quote"><bdi class="quote-name">${from === session.value?.address ? words("you") : from ? displayName(from) : ""}</bdi><bdi class="quote-text">${text || words("message.not-loaded")}</bdi></blockquote>`;
}

/** @param {{message: Message}} properties */
function Reactions({ message }) {
  const all = Object.entries(message.reactions);
  if (all.length === 0) return null;
  const me = session.value?.address ?? "";
  return html`<div class="reactions">${all.map(([emoji, who]) => {
    const names = who.map((address) => (address === me ? words("you") : displayName(address))).join(", ");
    return html`<button type="button" key=${emoji} class="reaction" aria-pressed=${who.includes(me)} title=${names} aria-label=${words("reaction.label", { emoji, names })} onClick=${() => toggleReaction(message, emoji)}>
      <span>${emoji}</span><span class="figures">${who.length}</span></button>`;
  })}</div>`;
}

/** @param {{message: Message}} properties */
function Failed({ message }) {
  return html`<div class="failed" role="alert"><${Icon} name="circle-alert" size=${16} /><span class="grow">${words("message.failed")} ${message.problem}</span>
    <button type="button" class="button quiet" onClick=${() => sendAgain(message)}>${words("message.again")}</button>
    <button type="button" class="button quiet" onClick=${() => discard(message)}>${words("message.discard")}</button></div>`;
}

/** How far one's last message has come. @param {{message: Message, one: import("../store/conversations.js").Conversation, room: boolean}} properties */
function Stage({ message, one, room }) {
  if (message.state === "failed") return null;
  const stage = message.state === "waiting" ? "waiting" : room ? "sent" : one.othersRead.value >= message.at ? "read" : one.othersReceived.value >= message.at ? "received" : "sent";
  const icon = { waiting: "clock", sent: "check", received: "check-check", read: "check-check" }[stage];
  return html`<span class=${`progress ${stage}`}><${Icon} name=${icon} size=${14} /><span>${words(`stage.${stage}`)}</span></span>`;
}
