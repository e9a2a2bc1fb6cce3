// The alerts that the person has been told of. (A placeholder: the screen follows.)
import { html } from "../html.js";
import { words } from "../words.js";
import { Empty } from "../parts/empty.js";

export function Alerts() {
  return html`<main class="pane fill"><header class="pane-head"><h1>${words("alerts")}</h1></header>
    <${Empty} icon="bell" title=${words("alerts.empty")} text=${words("alerts.empty-text")} /></main>`;
}
