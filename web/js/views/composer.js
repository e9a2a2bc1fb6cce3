// What is being written: it grows to six lines, keeps what was not sent, and takes files by drop and paste.
import { signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { html } from "../html.js";
import { words } from "../words.js";
import * as api from "../api/chat.js";
import { now } from "../api/clock.js";
import { upload } from "../api/files.js";
import { harmless } from "../api/text.js";
import { conversation, setDraft } from "../store/conversations.js";
import { patchByMark } from "../store/messages.js";
import { send } from "../store/outbox.js";
import { isStranger, senderName } from "../store/people.js";
import { conversationName } from "../store/rooms.js";
import { settings } from "../store/settings.js";
import { explain, toast, toastProblem } from "../store/toasts.js";
import { IconButton } from "../parts/button.js";
import { EmojiPicker } from "../parts/emoji-picker.js";
import { Icon } from "../parts/icon.js";
import { previewOf } from "./chat-list.js";
import { Sending } from "./sending.js";

/** @typedef {import("../store/conversations.js").Conversation} Conversation */
/** @typedef {import("./conversation.js").About} About */
/** @typedef {{key: number, file: File, part: number, problem: string, stop: AbortController}} Upload */

const LONGEST = 65_536;
/** How often it is said that somebody goes on typing. */
const STILL_TYPING = 5_000;

/** Files on their way, by conversation. They go on while another conversation is looked at. @type {Map<string, import("@preact/signals").Signal<Upload[]>>} */
const uploads = new Map();

/** @param {{one: Conversation, root: {current: HTMLElement | null}, about: About, onAbout: (about: About) => void}} properties */
export function Composer({ one, root, about, onAbout }) {
  const field = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  const picker = useRef(/** @type {HTMLInputElement | null} */ (null));
  const [emoji, setEmoji] = useState(false);
  const [over, setOver] = useState(false);
  const text = one.draft.value;
  const typing = useTyping(one);

  useEffect(() => {
    if (matchMedia("(pointer: fine)").matches) field.current?.focus();
  }, [one]);
  useEffect(() => {
    if (about?.kind === "edit") setDraft(one, about.message.text);
    if (about) field.current?.focus();
  }, [about]);
  useEffect(() => grow(field.current), [text]);
  // An old machine shows words, and shows them once.
  const isRich = !isStranger(one.address);
  const take = (/** @type {File[]} */ files) => (isRich ? files.forEach((file) => begin(one, file)) : toast(words("unverified.only-words"), { kind: "problem" }));
  useDrop(root, setOver, take);

  const submit = () => {
    const trimmed = harmless(text).trim();
    if (!trimmed) return;
    if (new TextEncoder().encode(trimmed).length > LONGEST) return toast(words("composer.too-long"), { kind: "problem" });
    if (about?.kind === "edit") edit(one, about.message, trimmed);
    else send(one.address, { text: trimmed, reply: about ? { mark: about.message.mark, from: about.message.from, text: about.message.text } : null });
    setDraft(one, "");
    typing(false);
    onAbout(null);
  };
  const key = (/** @type {KeyboardEvent} */ event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && (settings.value.enterSends ? !event.shiftKey : event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      submit();
    } else if (event.key === "Escape" && about?.kind === "edit") {
      event.preventDefault();
      setDraft(one, "");
      onAbout(null);
    } else if (event.key === "ArrowUp" && !text && isRich) {
      const last = one.messages.value.findLast((message) => message.own && message.id && !message.retracted && !message.file);
      if (!last) return;
      event.preventDefault();
      onAbout({ kind: "edit", message: last });
    }
  };
  const put = (/** @type {string} */ what) => {
    const { selectionStart: from, selectionEnd: to } = /** @type {HTMLTextAreaElement} */ (field.current);
    setDraft(one, text.slice(0, from) + what + text.slice(to));
    setEmoji(false);
    field.current?.focus();
  };
  const paste = (/** @type {ClipboardEvent} */ event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    take(files);
  };
  const name = conversationName(one.address);

  return html`<div class="composer">
    ${over && html`<div class="drop"><${Icon} name="upload" size=${28} /><p>${words("composer.drop", { name })}</p></div>`}
    ${about && html`<div class="about"><${Icon} name=${about.kind === "edit" ? "pencil" : "reply"} size=${16} />
      <p class="grow cut small"><strong>${about.kind === "edit" ? words("composer.editing") : words("composer.replying", { name: about.message.own ? words("yourself") : senderName(about.message) })}</strong> <bdi class="muted">${previewOf(about.message)}</bdi></p>
      <${IconButton} class="small" icon="x" size=${16} label=${words("cancel")} onClick=${() => { if (about.kind === "edit") setDraft(one, ""); onAbout(null); }} /></div>`}
    ${uploadsOf(one.address).value.map((sending) => html`<${Sending} key=${sending.key} sending=${sending} onStop=${() => stop(one, sending)} onAgain=${() => again(one, sending)} />`)}
    <div class="composer-box">
      ${isRich && html`<${IconButton} icon="paperclip" label=${words("composer.attach")} onClick=${() => picker.current?.click()} />`}
      <input ref=${picker} type="file" multiple hidden onChange=${(/** @type {any} */ event) => { [...event.currentTarget.files].forEach((file) => begin(one, file)); event.currentTarget.value = ""; }} />
      <textarea ref=${field} rows="1" value=${text} dir="auto" placeholder=${words("composer.placeholder", { name })} aria-label=${words("composer.placeholder", { name })}
        onInput=${(/** @type {any} */ event) => { setDraft(one, event.currentTarget.value); typing(one.draft.value !== ""); }}
        onKeyDown=${key} onPaste=${paste} onBlur=${() => typing(false)}></textarea>
      <span class="menu-place"><${IconButton} icon="smile" label=${words("emoji")} aria-expanded=${emoji} onClick=${() => setEmoji(!emoji)} />
        ${emoji && html`<${EmojiPicker} onChoose=${put} onClose=${() => setEmoji(false)} />`}</span>
      <${IconButton} class=${`send ${text.trim() ? "ready" : ""}`} icon=${about?.kind === "edit" ? "check" : "send-horizontal"} label=${words(about?.kind === "edit" ? "save" : "composer.send")} onClick=${submit} />
    </div>
  </div>`;
}

/** @param {string} address */
function uploadsOf(address) {
  const known = uploads.get(address) ?? signal([]);
  uploads.set(address, known);
  return known;
}

let lastUpload = 0;

/** @param {Conversation} one @param {File} file */
function begin(one, file) {
  const list = uploadsOf(one.address);
  const sending = { key: ++lastUpload, file, part: 0, problem: "", stop: new AbortController() };
  list.value = [...list.value, sending];
  carry(one, sending);
}

/** @param {Conversation} one @param {Upload} sending */
async function carry(one, sending) {
  const list = uploadsOf(one.address);
  const change = (/** @type {Partial<Upload>} */ what) => (list.value = list.value.map((other) => (other.key === sending.key ? { ...other, ...what } : other)));
  try {
    const file = await upload(sending.file, (part) => change({ part }), sending.stop.signal);
    list.value = list.value.filter((other) => other.key !== sending.key);
    send(one.address, { file });
  } catch (problem) {
    if (/** @type {any} */ (problem).name !== "AbortError") change({ problem: explain(problem) });
  }
}

/** @param {Conversation} one @param {Upload} sending */
function stop(one, sending) {
  sending.stop.abort();
  const list = uploadsOf(one.address);
  list.value = list.value.filter((other) => other.key !== sending.key);
}

/** @param {Conversation} one @param {Upload} sending */
function again(one, sending) {
  stop(one, sending);
  begin(one, sending.file);
}

/** @param {Conversation} one @param {import("../api/chat.js").Message} message @param {string} text */
async function edit(one, message, text) {
  if (text === message.text) return;
  const { messages } = conversation(one.address);
  patchByMark(messages, message.mark, () => ({ text, edited: now() }));
  try {
    await api.correct(one.address, message.mark, text);
  } catch (problem) {
    patchByMark(messages, message.mark, () => ({ text: message.text, edited: message.edited }));
    toastProblem(problem);
  }
}

/** Says that somebody types: once, again while they go on, and when they stop. @param {Conversation} one */
function useTyping(one) {
  const said = useRef(0);
  const pause = useRef(0);
  const tell = (/** @type {boolean} */ composing) => {
    clearTimeout(pause.current);
    if (!composing) {
      if (said.current) api.typing(one.address, false);
      said.current = 0;
      return;
    }
    if (Date.now() - said.current > STILL_TYPING) {
      api.typing(one.address, true);
      said.current = Date.now();
    }
    pause.current = setTimeout(() => tell(false), STILL_TYPING);
  };
  useEffect(() => () => tell(false), [one]);
  return tell;
}

/** @param {HTMLTextAreaElement | null} field */
function grow(field) {
  if (!field || CSS.supports("field-sizing", "content")) return;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}

/** @param {{current: HTMLElement | null}} root @param {(over: boolean) => void} onOver @param {(files: File[]) => void} onFiles */
function useDrop(root, onOver, onFiles) {
  useEffect(() => {
    const element = root.current;
    if (!element) return;
    let depth = 0;
    const has = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files");
    const enter = (/** @type {DragEvent} */ event) => has(event) && (depth++, onOver(true));
    const leave = (/** @type {DragEvent} */ event) => has(event) && --depth <= 0 && ((depth = 0), onOver(false));
    const drop = (/** @type {DragEvent} */ event) => {
      if (!has(event)) return;
      event.preventDefault();
      depth = 0;
      onOver(false);
      onFiles([...(event.dataTransfer?.files ?? [])]);
    };
    element.addEventListener("dragenter", enter);
    element.addEventListener("dragleave", leave);
    element.addEventListener("drop", drop);
    return () => {
      element.removeEventListener("dragenter", enter);
      element.removeEventListener("dragleave", leave);
      element.removeEventListener("drop", drop);
    };
  }, []);
}
