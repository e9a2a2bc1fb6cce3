// The notice board. (A placeholder: the screen follows.)
import { html } from "../html.js";
import { words } from "../words.js";
import { Empty } from "../parts/empty.js";

export function Notices() {
  return html`<main class="pane fill"><header class="pane-head"><h1>${words("notices")}</h1></header>
    <${Empty} icon="pin" title=${words("notices.empty")} text=${words("notices.empty-text")} /></main>`;
}
