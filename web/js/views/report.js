// Reporting a suspicious message to whoever administers the service.
import { useState } from "preact/hooks";
import { html } from "../html.js";
import { words } from "../words.js";
import * as api from "../api/chat.js";
import { senderName } from "../store/people.js";
import { explain, toast } from "../store/toasts.js";
import { Button } from "../parts/button.js";
import { Dialog } from "../parts/dialog.js";
import { Field } from "../parts/field.js";

/** @param {{message: import("../api/chat.js").Message, onClose: () => void}} properties */
export function Report({ message, onClose }) {
  const [why, setWhy] = useState("");
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    setBusy(true);
    try {
      await api.report(message, why.trim());
      onClose();
      toast(words("report.done"));
    } catch (error) {
      setProblem(explain(error));
      setBusy(false);
    }
  };
  return html`<${Dialog} title=${words("report.title")} onClose=${onClose} actions=${html`<${Button} onClick=${onClose}>${words("cancel")}<//>
      <${Button} kind="primary" type="submit" form="report" busy=${busy}>${words("report.submit")}<//>`}>
    <form id="report" class="form" onSubmit=${submit}>
      <blockquote class="quote"><bdi class="quote-name">${senderName(message)}</bdi><bdi class="quote-text">${message.text || message.file?.name}</bdi></blockquote>
      <p class="small muted">${words("report.what")}</p>
      <${Field} label=${words("report.why")} value=${why} onInput=${setWhy} rows=${3} maxlength="1000" problem=${problem} />
    </form>
  <//>`;
}
