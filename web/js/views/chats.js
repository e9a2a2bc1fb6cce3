// Chats: the list, the conversation, and its details on demand.
import { useState } from "preact/hooks";
import { html } from "../html.js";
import { words } from "../words.js";
import { Button } from "../parts/button.js";
import { Empty } from "../parts/empty.js";
import { lazy, nothing } from "../parts/lazy.js";
import { openJump } from "./jump.js";
import { ChatList } from "./chat-list.js";
import { Conversation } from "./conversation.js";
import "./message-box.js";
import "./shortcuts.js";

const Details = lazy(() => import("./details.js"), "Details", nothing);

/** @param {{parts: string[]}} properties */
export function Chats({ parts: [address] }) {
  const [details, setDetails] = useState(false);
  return html`<${ChatList} chosen=${address} />
    <main class="pane main">
      ${address
        ? html`<${Conversation} key=${address} address=${address} details=${details} onDetails=${() => setDetails(!details)} />`
        : html`<${Empty} icon="message-circle" title=${words("chats.choose")} text=${words("chats.choose-text")}>
            <${Button} icon="search" onClick=${openJump}>${words("jump.open")}<//>
          <//>`}
    </main>
    ${address && details && html`<${Details} key=${address} address=${address} onClose=${() => setDetails(false)} />`}`;
}
