// Which screen: signing in, the first change of a password, or the messenger.
import { html } from "../html.js";
import { words } from "../words.js";
import { session, standing } from "../store/session.js";
import { Toasts } from "../parts/toasts.js";
import { lazy } from "../parts/lazy.js";
import { Waiting } from "../parts/waiting.js";
import { Frame } from "./frame.js";
import { SignIn } from "./sign-in.js";

const FirstStart = lazy(() => import("./first-start.js"), "FirstStart");

export function Application() {
  return html`<${Screen} /><${Toasts} />`;
}

function Screen() {
  if (standing.value === "asking") return html`<main class="whole"><${Waiting} /></main>`;
  if (standing.value === "unreachable") return html`<main class="whole"><${Waiting} label=${words("connection.service-away")} /></main>`;
  if (standing.value === "signed-out") return html`<${SignIn} />`;
  if (session.value?.must_change_password) return html`<${FirstStart} />`;
  return html`<${Frame} />`;
}
