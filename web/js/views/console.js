// The console of those who may send alerts and look after the service. It is loaded when somebody opens it.
import { useEffect, useState } from "preact/hooks";
import { html } from "../html.js";
import { words } from "../words.js";
import { Button } from "../parts/button.js";
import { Empty } from "../parts/empty.js";
import { Waiting } from "../parts/waiting.js";

/** @type {typeof import("./console/console.js").Console | null} */
let Loaded = null;

/** How the console looks. @returns {Promise<void>} */
function styles() {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = "/css/console.css";
  return new Promise((resolve, reject) => {
    link.onload = () => resolve();
    link.onerror = () => (link.remove(), reject(new Error("console.css")));
    document.head.append(link);
  });
}

/** @param {{parts: string[]}} properties */
export function Console({ parts }) {
  const [state, setState] = useState(Loaded ? "here" : "waiting");
  const load = () => {
    setState("waiting");
    Promise.all([import("./console/console.js"), styles()]).then(
      ([module]) => {
        Loaded = module.Console;
        setState("here");
      },
      () => setState("failed"),
    );
  };
  useEffect(() => {
    if (!Loaded) load();
  }, []);
  if (state === "here" && Loaded) return html`<${Loaded} parts=${parts} />`;
  return html`<main class="pane fill"><header class="pane-head"><h1>${words("console")}</h1></header>
    ${state === "failed" ? html`<${Empty} icon="wifi-off" title=${words("console.failed")} text=${words("problem.unreachable")}><${Button} onClick=${load}>${words("connection.now")}<//><//>` : html`<${Waiting} />`}</main>`;
}
