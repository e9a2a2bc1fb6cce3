// The start: words, who is signed in, and the first screen.
import { h, render } from "preact";
import { loadWords } from "./words.js";
import { followLinks } from "./router.js";
import { start as startSession } from "./store/session.js";
import "./store/beginning.js";
import "./store/title.js";
import { Application } from "./views/application.js";

const root = /** @type {HTMLElement} */ (document.getElementById("application"));

followLinks();
await Promise.all([loadWords(), startSession()]);
render(h(Application, {}), root);
