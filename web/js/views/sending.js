// A file on its way: how much has gone, and what to do when it did not arrive.
import { html } from "../html.js";
import { words } from "../words.js";
import { harmless } from "../api/text.js";
import { size } from "../times.js";
import { IconButton } from "../parts/button.js";
import { Icon } from "../parts/icon.js";

/** @param {{sending: import("./composer.js").Upload, onStop: () => void, onAgain: () => void}} properties */
export function Sending({ sending, onStop, onAgain }) {
  const { file, part, problem } = sending;
  const name = harmless(file.name) || words("file");
  return html`<div class=${`sending ${problem ? "failed-file" : ""}`}>
    <${Icon} name=${problem ? "circle-alert" : "file"} size=${18} />
    <div class="grow">
      <p class="row small"><bdi class="cut grow">${name}</bdi><span class="muted figures">${problem ? "" : `${Math.round(part * 100)} %`} ${size(file.size)}</span></p>
      ${problem ? html`<p class="hint problem" role="alert">${problem}</p>` : html`<progress max="1" value=${part} aria-label=${words("file.progress", { name })}></progress>`}
    </div>
    ${problem && html`<button type="button" class="button quiet" onClick=${onAgain}>${words("message.again")}</button>`}
    <${IconButton} class="small" icon="x" size=${16} label=${words("cancel")} onClick=${onStop} />
  </div>`;
}
