// What the service keeps about one: to take along, and to have removed.
import { useState } from "preact/hooks";
import { html } from "../html.js";
import { words } from "../words.js";
import * as api from "../api/me.js";
import { end, session } from "../store/session.js";
import { explain, toastProblem } from "../store/toasts.js";
import { Button } from "../parts/button.js";
import { Dialog } from "../parts/dialog.js";
import { Field } from "../parts/field.js";

export function DataPage() {
  const [busy, setBusy] = useState(false);
  const [asking, setAsking] = useState(false);
  const download = async () => {
    setBusy(true);
    try {
      save(await api.exportData(), `${session.value?.name}-messngr.jsonl`);
    } catch (problem) {
      toastProblem(problem);
    }
    setBusy(false);
  };
  return html`
    <section class="block"><h2>${words("data.export")}</h2><p class="hint">${words("data.export.what")}</p>
      <div><${Button} icon="download" busy=${busy} onClick=${download}>${words("data.export.submit")}<//></div></section>
    <section class="block"><h2>${words("data.erase")}</h2><p class="hint">${words("data.erase.what")}</p>
      <div><${Button} kind="danger" icon="trash-2" onClick=${() => setAsking(true)}>${words("data.erase.submit")}<//></div></section>
    ${asking && html`<${Erase} onClose=${() => setAsking(false)} />`}`;
}

/** @param {{onClose: () => void}} properties */
function Erase({ onClose }) {
  const [name, setName] = useState("");
  const [problem, setProblem] = useState("");
  const own = session.value?.name ?? "";
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (name.trim() !== own) return setProblem(words("data.erase.wrong"));
    try {
      await api.eraseData(own);
      end();
    } catch (error) {
      setProblem(explain(error));
    }
  };
  return html`<${Dialog} title=${words("data.erase")} onClose=${onClose} actions=${html`<${Button} onClick=${onClose}>${words("cancel")}<//><${Button} kind="danger" type="submit" form="erase">${words("data.erase.submit")}<//>`}>
    <form id="erase" class="form" onSubmit=${submit}><p>${words("data.erase.sure")}</p>
      <${Field} label=${words("data.erase.name", { name: own })} value=${name} onInput=${setName} problem=${problem} autocomplete="off" /></form><//>`;
}

/** @param {Blob} blob @param {string} name */
function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
