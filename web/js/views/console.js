// The console of those who may send alerts and look after the service. (A placeholder: the screens follow.)
import { html } from "../html.js";
import { words } from "../words.js";
import { Empty } from "../parts/empty.js";

export function Console() {
  return html`<main class="pane fill"><header class="pane-head"><h1>${words("console")}</h1></header>
    <${Empty} icon="layout-dashboard" title=${words("console")} /></main>`;
}
