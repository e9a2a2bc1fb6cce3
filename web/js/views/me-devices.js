// Where one is signed in, and how to end that.
import { useEffect, useState } from "preact/hooks";
import { html } from "../html.js";
import { words } from "../words.js";
import { ago, full } from "../times.js";
import * as api from "../api/me.js";
import { leave } from "../store/leaving.js";
import { toast, toastProblem } from "../store/toasts.js";
import { Button } from "../parts/button.js";
import { Dialog } from "../parts/dialog.js";
import { Icon } from "../parts/icon.js";
import { Waiting } from "../parts/waiting.js";

/** @typedef {import("../api/me.js").Device} Device */

const ICONS = { browser: "globe", session: "laptop", client: "monitor-smartphone", token: "key-round" };

export function DevicesPage() {
  const [all, setAll] = useState(/** @type {Device[] | null} */ (null));
  const [asking, setAsking] = useState(false);
  const load = () => api.devices().then(setAll, toastProblem);
  useEffect(() => void load(), []);
  if (!all) return html`<${Waiting} />`;

  const end = async (/** @type {Device} */ one) => {
    try {
      if (one.current) return void (await leave());
      await api.signOutDevice(one.id);
      toast(words("devices.ended"));
      await load();
    } catch (problem) {
      toastProblem(problem);
    }
  };
  const everywhere = () => api.signOutEverywhere().then(leave, toastProblem);
  const sorted = [...all].sort((one, other) => Number(other.current) - Number(one.current) || Number(other.online) - Number(one.online));
  return html`<p class="hint">${words("devices.what")}</p>
    <ul class="plain-list devices">${sorted.map((one) => html`<li key=${one.id} class="row">
      <span class="device-icon"><${Icon} name=${ICONS[one.kind] ?? "laptop"} /></span>
      <div class="grow"><p class="cut"><bdi class="strong">${nameOf(one)}</bdi> ${one.current && html`<span class="badge">${words("devices.this")}</span>`}</p>
        <p class="hint"><span class="figures">${one.source}</span>${one.online ? ` · ${words("devices.online")}` : when(one)}</p></div>
      ${one.kind !== "token" && html`<${Button} onClick=${() => end(one)}>${words(one.current ? "sign-out" : "devices.end")}<//>`}</li>`)}</ul>
    <div><${Button} kind="danger" icon="log-out" onClick=${() => setAsking(true)}>${words("devices.everywhere")}<//></div>
    ${asking && html`<${Dialog} title=${words("devices.everywhere")} onClose=${() => setAsking(false)} actions=${html`<${Button} onClick=${() => setAsking(false)}>${words("cancel")}<//><${Button} kind="primary" onClick=${everywhere}>${words("devices.everywhere")}<//>`}>
      <p>${words("devices.everywhere.what")}</p><//>`}`;
}

/** @param {Device} one */
function when(one) {
  const at = Date.parse(one.last_used ?? one.since ?? "");
  return Number.isNaN(at) ? "" : html` · <time title=${full(at)}>${words("devices.used", { time: ago(at) })}</time>`;
}

/** A browser says who it is at length; what people call it is enough. @param {Device} one */
function nameOf({ kind, name }) {
  if (kind !== "browser") return name;
  const browser = ["Edg", "OPR", "Firefox", "Chrome", "Safari"].find((part) => name.includes(`${part}/`));
  const system = ["Windows", "Android", "iPhone", "iPad", "Mac OS", "CrOS", "Linux"].find((part) => name.includes(part));
  /** @type {Record<string, string>} */
  const called = { Edg: "Edge", OPR: "Opera", "Mac OS": "macOS", CrOS: "ChromeOS" };
  if (!browser && !system) return name;
  return [browser, system].filter(Boolean).map((part) => called[String(part)] ?? part).join(" · ");
}
