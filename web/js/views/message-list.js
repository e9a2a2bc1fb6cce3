// What was said: days, the line of the new ones, messages in groups, and how far the last one has come.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { html } from "../html.js";
import { words } from "../words.js";
import { day, isSameDay } from "../times.js";
import { loadEarlier } from "../store/conversations.js";
import { senderName } from "../store/people.js";
import { conversationName, isRoom, rooms } from "../store/rooms.js";
import { toastProblem } from "../store/toasts.js";
import { Empty } from "../parts/empty.js";
import { Icon } from "../parts/icon.js";
import { VirtualList } from "../parts/virtual-list.js";
import { Waiting } from "../parts/waiting.js";
import { MessageRow } from "./message.js";

/** @typedef {import("../api/chat.js").Message} Message */
/**
 * @typedef {{key: string, kind: "day", at: number, loose: true} | {key: string, kind: "new", loose: true} | {key: string, kind: "start", loose: true}
 *   | {key: string, kind: "message", message: Message, first: boolean, last: boolean}} Item
 */

/** How long a group of one sender goes on. */
const GROUP = 5 * 60_000;

/**
 * @param {{one: import("../store/conversations.js").Conversation, found: string, onReply: (message: Message) => void, onEdit: (message: Message) => void}} properties
 */
export function MessageList({ one, found, onReply, onEdit }) {
  const messages = one.messages.value;
  const complete = one.complete.value;
  const items = useMemo(() => rows(messages, one.lineAt.value, complete), [messages, one.lineAt.value, complete]);
  const list = useRef(/** @type {any} */ (null));
  const [atEnd, setAtEnd] = useState(true);
  const [said, setSaid] = useState("");
  const newest = messages.at(-1);
  const lastOwn = messages.findLast((message) => message.own && message.id);
  const room = isRoom(one.address);
  const count = useRef(messages.length);

  useEffect(() => {
    if (newest && !newest.own && messages.length > count.current) setSaid(`${senderName(newest)}: ${newest.text}`);
    count.current = messages.length;
  }, [newest?.key]);
  useEffect(() => {
    if (one.saidHere.value > 0) list.current?.toEnd();
  }, [one.saidHere.value]);

  if (messages.length === 0) {
    return one.opened.value || rooms.value.get(one.address)?.joined === false
      ? html`<div class="message-space"><${Empty} icon="message-circle" title=${words("conversation.empty", { name: conversationName(one.address) })} text=${words("conversation.empty-text")} /></div>`
      : html`<div class="message-space"><${Waiting} /></div>`;
  }
  const context = { one, room, onReply, onEdit, lastOwnKey: lastOwn?.key ?? "", found };
  return html`<div class="message-space">
    <${VirtualList} handle=${list} items=${items} estimate=${estimate} label=${words("conversation.messages")} scrollTo=${found}
      onStart=${() => loadEarlier(one).catch(toastProblem)} onEnd=${setAtEnd} render=${(/** @type {Item} */ item) => draw(item, context)} />
    ${!atEnd && html`<button type="button" class="to-end" onClick=${() => list.current.toEnd()}>
      <${Icon} name="arrow-down" size=${18} /><span class="unseen">${words("conversation.to-end")}</span></button>`}
    <p class="unseen" aria-live="polite">${said}</p>
  </div>`;
}

/** @param {Item} item @param {any} context */
function draw(item, context) {
  switch (item.kind) {
    case "day":
      return html`<div class="day"><span>${day(item.at)}</span></div>`;
    case "new":
      return html`<div class="new-line"><span>${words("conversation.new")}</span></div>`;
    case "start":
      return html`<p class="start">${words("conversation.start")}</p>`;
    default:
      return html`<${MessageRow} ...${item} ...${context} />`;
  }
}

/** @param {Message[]} messages @param {number} lineAt @param {boolean} complete @returns {Item[]} */
function rows(messages, lineAt, complete) {
  /** @type {Item[]} */
  const items = complete ? [{ key: "start", kind: "start", loose: true }] : [];
  /** @type {Message | undefined} */
  let previous;
  let isLineDrawn = lineAt === 0;
  for (let at = 0; at < messages.length; at++) {
    const message = messages[at];
    const isNewDay = !previous || !isSameDay(previous.at, message.at);
    if (isNewDay) items.push({ key: `day ${new Date(message.at).toDateString()}`, kind: "day", at: message.at, loose: true });
    const hasLine = !isLineDrawn && message.at > lineAt && !message.own;
    if (hasLine) {
      items.push({ key: "new", kind: "new", loose: true });
      isLineDrawn = true;
    }
    const next = messages[at + 1];
    items.push({ key: message.key, kind: "message", message, first: isNewDay || hasLine || !isGroup(previous, message), last: !next || !isGroup(message, next) });
    previous = message;
  }
  return items;
}

/** @param {Message | undefined} one @param {Message} next */
function isGroup(one, next) {
  return Boolean(one && one.from === next.from && one.name === next.name && next.at - one.at < GROUP && one.protocol === next.protocol && isSameDay(one.at, next.at));
}

/** @param {Item} item */
function estimate(item) {
  if (item.kind !== "message") return 44;
  const { message, first } = item;
  const picture = message.file?.height ? Math.min(300, message.file.height) + 40 : message.file ? 70 : 0;
  return 34 + (first ? 28 : 2) + 21 * Math.floor(message.text.length / 64) + picture;
}
