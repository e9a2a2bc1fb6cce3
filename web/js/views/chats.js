// Chats: the list, the conversation, and its details on demand.
import { html } from "../html.js";
import { words } from "../words.js";
import { Empty } from "../parts/empty.js";

/** @param {{parts: string[]}} properties */
export function Chats({ parts }) {
  return html`<aside class="pane list" aria-label=${words("chats")}><header class="pane-head"><h1>${words("chats")}</h1></header></aside>
    <main class="pane main">${parts[0]
      ? html`<header class="pane-head"><h2 class="grow cut"><bdi>${parts[0]}</bdi></h2></header>`
      : html`<${Empty} icon="message-circle" title=${words("chats.choose")} text=${words("chats.choose-text")} />`}</main>`;
}
