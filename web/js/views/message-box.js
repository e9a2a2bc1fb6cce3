// The box of a NET SEND or WinPopup message: one after another, each until OK.
import { useEffect, useState } from "preact/hooks";
import { html } from "../html.js";
import { words } from "../words.js";
import { chatPath, go } from "../router.js";
import { full } from "../times.js";
import { closeBox } from "../store/boxes.js";
import { Button } from "../parts/button.js";
import { Icon } from "../parts/icon.js";

/** The button sleeps for a moment, so that no key or click meant for something else closes a box. */
const SLEEP = 600;

/** @param {{message: import("../api/chat.js").Message, more: number}} properties */
export function MessageBox({ message, more }) {
  const [awake, setAwake] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setAwake(true), SLEEP);
    return () => clearTimeout(timer);
  }, []);
  return html`<section class="box" role="alertdialog" aria-labelledby="box-title" aria-describedby="box-text">
    <header><span class="box-icon"><${Icon} name="message-square-text" size=${20} /></span>
      <h2 id="box-title" class="grow"><span class="small muted">${words("box.from")}</span><bdi>${message.from}</bdi></h2>
      ${more > 1 && html`<span class="badge muted">${words("box.count", { count: more })}</span>`}</header>
    <p id="box-text" class="box-text scrolls" tabindex="0"><bdi>${message.text}</bdi></p>
    <dl class="facts small">
      <dt>${words("unverified.source")}</dt><dd class="figures">${message.source || words("unknown")}</dd>
      <dt>${words("box.time")}</dt><dd><time>${full(message.at)}</time></dd>
    </dl>
    ${!message.verified && html`<p class="note unverified"><${Icon} name="lock-open" size=${16} /><span><strong>${words("unverified")}.</strong> ${words("box.unverified")}</span></p>`}
    <div class="box-buttons">
      ${!message.verified && html`<${Button} icon="reply" disabled=${!awake} onClick=${() => { closeBox(); go(chatPath(message.conversation)); }}>${words("box.answer")}<//>`}
      <${Button} class="grow" kind="primary" disabled=${!awake} onClick=${closeBox}>${words("ok")}<//>
    </div>
  </section>`;
}
