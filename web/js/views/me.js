// What is the person's own. (The pages follow.)
import { html } from "../html.js";
import { words } from "../words.js";
import { signOut } from "../store/session.js";
import { Button } from "../parts/button.js";

export function Me() {
  return html`<main class="pane fill"><header class="pane-head"><h1>${words("me")}</h1></header>
    <div class="pane-body"><${Button} icon="log-out" onClick=${signOut}>${words("sign-out")}<//></div></main>`;
}
