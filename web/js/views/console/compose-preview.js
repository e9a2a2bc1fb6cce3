// How it will look, in each of its languages.
import { html } from "../../html.js";
import { words } from "../../words.js";
import { session } from "../../store/session.js";
import { MarkedText } from "../../parts/marked-text.js";
import { wording } from "../../api/alerts.js";
import { AlertFace, languageName } from "../alerts-face.js";
import { previewOf } from "./compose-form.js";

/** @typedef {import("./compose-form.js").Form} Form */

/** @param {{form: Form, spoken: string, onSpoken: (language: string) => void}} properties */
export function Preview({ form, spoken, onSpoken }) {
  const alert = previewOf({ ...form, headline: form.headline || words("compose.headline") }, session.value?.address ?? "");
  const said = wording(alert, spoken.slice(0, 2));
  return html`<section class="compose-preview" aria-label=${words("compose.preview")}>
    <p class="small muted">${words("compose.preview")}${Object.keys(form.translations).length > 0 ? `: ${languageName(spoken)}` : ""}</p>
    <div class="alert-card">${form.kind === "announcement"
      ? html`<div class="preview-notice" lang=${said.language}><h3><bdi>${said.headline}</bdi></h3><${MarkedText} text=${said.text} /></div>`
      : html`<${AlertFace} alert=${alert} spoken=${spoken.slice(0, 2)} onSpoken=${onSpoken} heading="h3" />
        <div class="alert-foot"><div class="choices" aria-hidden="true">${(alert.must_confirm ? said.choices : [words("close")]).map((choice, index) => html`<span key=${index} class="button wide choice"><bdi>${choice || "…"}</bdi></span>`)}</div></div>`}
    </div>
  </section>`;
}
