// How others see one: available, away, busy or invisible, with a text; and what is answered while one is away.
import { useEffect, useState } from "preact/hooks";
import { html } from "../html.js";
import { words } from "../words.js";
import { full } from "../times.js";
import * as api from "../api/me.js";
import { chosen, choose } from "../store/own.js";
import { change, settings } from "../store/settings.js";
import { toast, toastProblem } from "../store/toasts.js";
import { Button } from "../parts/button.js";
import { Choice, Field } from "../parts/field.js";
import { Icon } from "../parts/icon.js";
import { Presence } from "../parts/presence.js";

/** @type {[import("../store/own.js").Chosen, string | null][]} */
const SHOWS = [["available", "available"], ["away", "away"], ["busy", "busy"], ["invisible", null]];

export function StatusPage() {
  const [text, setText] = useState(chosen.value.text);
  const save = (/** @type {Event} */ event) => {
    event.preventDefault();
    choose({ text: text.trim() }).then(() => toast(words("saved")), toastProblem);
  };
  return html`
    <fieldset class="cards"><legend>${words("status.show")}</legend>
      ${SHOWS.map(([show, drawn]) => html`<label key=${show} class=${`choice-card ${chosen.value.show === show ? "chosen" : ""}`}>
        <input type="radio" class="unseen" name="show" checked=${chosen.value.show === show} onChange=${() => choose({ show }).catch(toastProblem)} />
        ${drawn ? html`<${Presence} show=${drawn} silent />` : html`<${Icon} name="eye-off" size=${14} class="muted" />`}
        <span class="grow"><span class="strong">${words(`status.${show}`)}</span><span class="hint">${words(`status.${show}.what`)}</span></span></label>`)}
    </fieldset>
    <form class="form" onSubmit=${save}>
      <${Field} label=${words("status.text")} value=${text} onInput=${setText} maxlength="200" placeholder=${words("status.text-example")} />
      ${text.trim() !== chosen.value.text && html`<div><${Button} kind="primary" type="submit">${words("save")}<//></div>`}
    </form>
    <${Choice} label=${words("status.auto-away")} value=${String(settings.value.awayAfter)} hint=${words("status.auto-away.what")}
      options=${[5, 10, 15, 30, 0].map((count) => [String(count), count ? words("status.minutes", { count }) : words("status.never")])}
      onChange=${(/** @type {string} */ value) => change({ awayAfter: Number(value) })} />
    <${Absence} />`;
}

function Absence() {
  const [absence, setAbsence] = useState(/** @type {{text: string, since: string, until: string | null} | null | undefined} */ (undefined));
  const [text, setText] = useState("");
  const [until, setUntil] = useState("");
  useEffect(() => {
    api.away().then(({ absence }) => setAbsence(absence), toastProblem);
  }, []);
  const begin = (/** @type {Event} */ event) => {
    event.preventDefault();
    api.goAway(text.trim(), until ? new Date(until).toISOString() : null).then((answer) => setAbsence(answer?.absence ?? { text, since: "", until: until || null }), toastProblem);
  };
  return html`<section class="block" aria-labelledby="absence-title"><h2 id="absence-title">${words("absence.title")}</h2><p class="hint">${words("absence.what")}</p>
    ${absence
      ? html`<div class="note"><${Icon} name="clock" size=${16} /><p class="grow"><strong>${absence.until ? words("absence.until", { time: full(Date.parse(absence.until)) }) : words("absence.on")}</strong> <bdi>${absence.text}</bdi></p></div>
          <div><${Button} kind="primary" onClick=${() => api.comeBack().then(() => setAbsence(null), toastProblem)}>${words("absence.end")}<//></div>`
      : html`<form class="form" onSubmit=${begin}>
          <${Field} label=${words("absence.text")} rows=${3} value=${text} onInput=${setText} maxlength="1000" placeholder=${words("absence.example")} />
          <${Field} label=${words("absence.end-at")} type="datetime-local" value=${until} onInput=${setUntil} />
          <div><${Button} type="submit">${words("absence.begin")}<//></div></form>`}
  </section>`;
}
