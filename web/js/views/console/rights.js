// What a person may do beside what everybody may: to alert some people up to a level, and to read all alerts.
import { useState } from "preact/hooks";
import { html } from "../../html.js";
import { words } from "../../words.js";
import { levels } from "../../api/alerts.js";
import * as api from "../../api/console-people.js";
import { explain } from "../../store/toasts.js";
import { Button, IconButton } from "../../parts/button.js";
import { Choice } from "../../parts/field.js";
import { audienceInWords } from "./audience-words.js";
import { AudienceBuilder } from "./compose-audience.js";
import { useLoaded } from "./page.js";

/** @param {{name: string, isAdministrator: boolean}} properties */
export function Rights({ name, isAdministrator }) {
  const { value, set } = useLoaded(() => api.rights(name), [name]);
  const [open, setOpen] = useState(false);
  const [audience, setAudience] = useState("");
  const [level, setLevel] = useState("severe");
  const [problem, setProblem] = useState("");
  const act = async (/** @type {Promise<{administrator: boolean, rights: string[]}>} */ asked) => {
    try {
      set(await asked);
      setProblem("");
      setOpen(false);
    } catch (error) {
      setProblem(explain(error));
    }
  };
  const mayRead = value?.rights.includes("audit");
  return html`<fieldset class="fields"><legend>${words("rights.title")}</legend>
    ${isAdministrator ? html`<p class="hint">${words("rights.administrator")}</p>` : html`
      ${value?.rights.length === 0 && html`<p class="hint">${words("rights.none")}</p>`}
      <ul class="column">${value?.rights.map((right) => html`<li key=${right} class="row"><span class="grow">${rightInWords(right)}</span><${IconButton} icon="x" size=${16} class="small" label=${words("rights.take", { right: rightInWords(right) })} onClick=${() => act(api.revoke(name, right))} /></li>`)}</ul>
      ${open && html`<div class="escalation"><${AudienceBuilder} value=${audience} onChange=${setAudience} short />
        <${Choice} label=${words("rights.level")} value=${level} options=${levels.map((one) => [one, words(`level.${one}`)])} onChange=${setLevel} />
        <div class="row"><${Button} kind="primary" disabled=${!audience} onClick=${() => act(api.grant(name, `publish:${audience}:${level}`))}>${words("rights.give")}<//><${Button} onClick=${() => setOpen(false)}>${words("cancel")}<//></div></div>`}
      ${!open && html`<div class="row wrap"><${Button} kind="quiet" icon="plus" onClick=${() => setOpen(true)}>${words("rights.publish")}<//>${!mayRead && html`<${Button} kind="quiet" icon="plus" onClick=${() => act(api.grant(name, "audit"))}>${words("rights.read")}<//>`}</div>`}`}
    ${problem && html`<p class="hint problem" role="alert">${problem}</p>`}
  </fieldset>`;
}

/** A right, or a scope of a token, in words. @param {string} right */
export function rightInWords(right) {
  if (right === "audit" || right === "read") return words("rights.may-read");
  if (right === "chat") return words("rights.may-chat");
  if (right === "administer") return words("rights.may-administer");
  const rest = right.replace(/^publish:/, "");
  const level = levels.find((one) => rest.endsWith(`:${one}`));
  const audience = audienceInWords(level ? rest.slice(0, -level.length - 1) : rest);
  return level ? words("rights.may-publish-up-to", { audience, level: words(`level.${level}`) }) : words("rights.may-publish", { audience });
}
