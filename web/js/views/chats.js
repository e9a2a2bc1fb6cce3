// Chats: the list, the conversation, and its details on demand.
import { useState } from "preact/hooks";
import { html } from "../html.js";
import { words } from "../words.js";
import { boxes } from "../store/boxes.js";
import { Button } from "../parts/button.js";
import { Empty } from "../parts/empty.js";
import { lazy, nothing } from "../parts/lazy.js";
import { Waiting } from "../parts/waiting.js";
import { openJump } from "./dialogs.js";
import { ChatList } from "./chat-list.js";
import { addOverlay } from "./places.js";
import "./shortcuts.js";

const Details = lazy(() => import("./details.js"), "Details", { waiting: nothing });
const Conversation = lazy(() => import("./conversation.js"), "Conversation", { waiting: () => html`<${Waiting} />`, soon: true });
const MessageBox = lazy(() => import("./message-box.js"), "MessageBox", { waiting: nothing, soon: true, insist: true });

// A page that begins with a conversation loads how it looks while it asks who is signed in.
if (location.pathname.startsWith("/chats/")) import("./conversation.js").catch(() => {});

// What NET SEND and WinPopup send lies over every view.
addOverlay(() => boxes.value[0] && html`<${MessageBox} key=${boxes.value[0].key} message=${boxes.value[0]} more=${boxes.value.length} />`);

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
