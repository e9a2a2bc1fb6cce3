// Searching what was said in one conversation.
import { useEffect, useRef, useState } from "preact/hooks";
import { html } from "../html.js";
import { words } from "../words.js";
import { full, short } from "../times.js";
import * as api from "../api/chat.js";
import { loadAround } from "../store/conversations.js";
import { senderName } from "../store/people.js";
import { session } from "../store/session.js";
import { toastProblem } from "../store/toasts.js";
import { IconButton } from "../parts/button.js";
import { Icon } from "../parts/icon.js";
import { moveInList } from "../parts/list-keys.js";

/** @typedef {import("../api/chat.js").Message} Message */

const PATIENCE = 200;

/** @param {{one: import("../store/conversations.js").Conversation, onFound: (key: string) => void, onClose: () => void}} properties */
export function Search({ one, onFound, onClose }) {
  const [text, setText] = useState("");
  const [results, setResults] = useState(/** @type {Message[] | null} */ (null));
  const field = useRef(/** @type {HTMLInputElement | null} */ (null));
  useEffect(() => {
    field.current?.focus();
    return () => onFound("");
  }, []);
  useEffect(() => {
    if (text.trim().length < 2) return setResults(null);
    let isCurrent = true;
    const timer = setTimeout(async () => {
      const found = await search(one, text.trim());
      if (isCurrent) setResults(found);
    }, PATIENCE);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [text]);

  const choose = async (/** @type {Message} */ message) => {
    if (!one.messages.value.some((loaded) => loaded.id === message.id)) await loadAround(one, message).catch(toastProblem);
    onFound(one.messages.value.find((loaded) => loaded.id === message.id)?.key ?? message.key);
  };
  return html`<div class="search" role="search" onKeyDown=${moveInList}>
    <div class="row"><${Icon} name="search" size=${18} class="muted" />
      <input ref=${field} type="search" class="input" value=${text} placeholder=${words("search.placeholder")} aria-label=${words("search.placeholder")} onInput=${(/** @type {any} */ event) => setText(event.currentTarget.value)} />
      <${IconButton} icon="x" label=${words("close")} onClick=${onClose} /></div>
    ${results && html`<p class="small muted search-count" role="status">${words("search.count", { count: results.length })}</p>`}
    ${results && results.length > 0 && html`<ul class="results scrolls" tabindex="-1">${results.map((message) => html`<li key=${message.key}>
      <button type="button" class="result list-item inset" onClick=${() => choose(message)}>
        <span class="row small"><strong class="grow cut"><bdi>${message.own ? words("you") : senderName(message)}</bdi></strong><time class="muted" title=${full(message.at)}>${short(message.at)}</time></span>
        <${Excerpt} text=${message.text} word=${text.trim()} /></button></li>`)}</ul>`}
  </div>`;
}

/** @param {{text: string, word: string}} properties */
function Excerpt({ text, word }) {
  const at = text.toLocaleLowerCase().indexOf(word.toLocaleLowerCase());
  const from = Math.max(0, at - 30);
  if (at < 0) return html`<bdi class="cut">${text.slice(0, 120)}</bdi>`;
  return html`<bdi class="cut">${from ? "…" : ""}${text.slice(from, at)}<mark>${text.slice(at, at + word.length)}</mark>${text.slice(at + word.length, at + 120)}</bdi>`;
}

/** Asks the service; where it cannot search, what is loaded is searched. @param {import("../store/conversations.js").Conversation} one @param {string} text */
async function search(one, text) {
  try {
    const { messages } = await api.history({ with: one.address, search: text, limit: 50 });
    return messages.map((view) => api.read(view, session.value?.address ?? "").said).flatMap((said) => (said.kind === "message" ? [said.message] : [])).reverse();
  } catch {
    const lower = text.toLocaleLowerCase();
    return one.messages.value.filter((message) => message.text.toLocaleLowerCase().includes(lower)).reverse().slice(0, 50);
  }
}
