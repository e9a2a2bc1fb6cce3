// What can be done with a message: on hover, on focus, and by a tap.
import { signal } from "@preact/signals";
import { html } from "../html.js";
import { words } from "../words.js";
import * as api from "../api/chat.js";
import { conversation, withReactions } from "../store/conversations.js";
import { patchByMark } from "../store/messages.js";
import { isStranger } from "../store/people.js";
import { session } from "../store/session.js";
import { toast, toastProblem } from "../store/toasts.js";
import { IconButton } from "../parts/button.js";
import { EmojiPicker } from "../parts/emoji-picker.js";
import { Menu } from "../parts/menu.js";
import { openReport } from "./dialogs.js";

/** @typedef {import("../api/chat.js").Message} Message */

/** The message whose emoji are being chosen. */
const choosing = signal("");

/** @param {{message: Message, room: boolean, onReply: (message: Message) => void, onEdit: (message: Message) => void}} properties */
export function MessageActions({ message, onReply, onEdit }) {
  const { own } = message;
  // An old machine shows words, and shows them once.
  const isRich = !isStranger(message.conversation);
  const lacks = (/** @type {string} */ what) => api.lacking.value.has(what);
  return html`<div class=${`actions ${choosing.value === message.key ? "open" : ""}`}>
    ${isRich && !lacks("reaction") && html`<span class="menu-place"><${IconButton} class="small" icon="smile-plus" size=${18} label=${words("message.react")} onClick=${() => (choosing.value = choosing.value === message.key ? "" : message.key)} />
      ${choosing.value === message.key && html`<${EmojiPicker} onChoose=${(/** @type {string} */ emoji) => toggleReaction(message, emoji)} onClose=${() => (choosing.value = "")} />`}</span>`}
    ${isRich && !lacks("reply") && html`<${IconButton} class="small" icon="reply" size=${18} label=${words("message.reply")} onClick=${() => onReply(message)} />`}
    <${Menu} label=${words("message.more")} class="small" entries=${[
      message.text && { label: words("message.copy"), icon: "copy", act: () => copy(message) },
      own && isRich && !message.file && !lacks("correction") && { label: words("message.edit"), icon: "pencil", act: () => onEdit(message) },
      own && isRich && !lacks("retraction") && { label: words("message.retract"), icon: "trash-2", danger: true, act: () => retract(message) },
      !own && { label: words("message.report"), icon: "flag", act: () => openReport(message) },
    ]} />
  </div>`;
}

/** Sets a reaction, or takes it back. What it looks like does not wait for the service. @param {Message} message @param {string} emoji */
export async function toggleReaction(message, emoji) {
  choosing.value = "";
  const me = session.value?.address ?? "";
  const mine = Object.keys(message.reactions).filter((one) => message.reactions[one].includes(me));
  const wanted = mine.includes(emoji) ? mine.filter((one) => one !== emoji) : [...mine, emoji];
  const show = (/** @type {string[]} */ those) => patchByMark(conversation(message.conversation).messages, message.mark, (now) => ({ reactions: withReactions(now.reactions, me, those) }));
  show(wanted);
  try {
    await api.react(message.conversation, message.mark, wanted);
  } catch (problem) {
    show(mine);
    toastProblem(problem);
  }
}

/** @param {Message} message */
async function copy(message) {
  await navigator.clipboard.writeText(message.text).catch(() => {});
  toast(words("message.copied"));
}

/** @param {Message} message */
async function retract(message) {
  try {
    await api.retract(message.conversation, message.mark);
    patchByMark(conversation(message.conversation).messages, message.mark, () => ({ retracted: true, text: "", file: null }));
  } catch (problem) {
    toastProblem(problem);
  }
}
