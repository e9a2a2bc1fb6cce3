// Tokens: what programs have instead of a password. A secret is shown once.
import { useState } from "preact/hooks";
import { html } from "../../html.js";
import { words } from "../../words.js";
import { ago, full } from "../../times.js";
import * as api from "../../api/console-people.js";
import { explain } from "../../store/toasts.js";
import { Button, IconButton } from "../../parts/button.js";
import { Dialog } from "../../parts/dialog.js";
import { Empty } from "../../parts/empty.js";
import { Choice, Field, Tick } from "../../parts/field.js";
import { Icon } from "../../parts/icon.js";
import { Waiting } from "../../parts/waiting.js";
import { AudienceBuilder } from "./compose-audience.js";
import { Ask, Failed, Page, localName, useLoaded } from "./page.js";
import { rightInWords } from "./rights.js";
import { Secret } from "./secret.js";

const DAY = 86_400;

export function Tokens() {
  const { value, problem, again } = useLoaded(() => api.tokens());
  const [open, setOpen] = useState(false);
  const [dropped, setDropped] = useState(/** @type {import("../../api/console-people.js").Token | null} */ (null));
  const add = html`<${Button} kind="primary" icon="plus" onClick=${() => setOpen(true)}>${words("tokens.add")}<//>`;
  return html`<${Page} title=${words("console.place.tokens")} actions=${add} lead=${words("tokens.lead")}>
    ${problem && html`<${Failed} text=${problem} onAgain=${again} />`}
    ${!value && !problem && html`<${Waiting} />`}
    ${value?.length === 0 && html`<${Empty} icon="key-round" title=${words("tokens.empty")} text=${words("tokens.empty-text")} />`}
    ${value && value.length > 0 && html`<ul class="console-lines">${value.map((one) => html`<li key=${one.id}><div class="console-line-main"><span class="row wrap"><bdi class="strong">${one.name}</bdi><span class="muted small">${words("tokens.speaks-as", { name: localName(one.account) })}</span></span>
        <span>${one.scopes.map(rightInWords).join(" · ")}</span>
        <span class="small muted">${one.last_used_at ? words("tokens.used", { time: ago(Date.parse(one.last_used_at)) }) : words("tokens.unused")} · ${one.expires_at ? words("tokens.ends", { time: full(Date.parse(one.expires_at)) }) : words("tokens.endless")}</span></div>
      <${IconButton} icon="trash-2" size=${18} label=${words("tokens.remove", { name: one.name })} onClick=${() => setDropped(one)} /></li>`)}</ul>`}
    ${open && html`<${AddToken} onClose=${() => setOpen(false)} onDone=${again} />`}
    ${dropped && html`<${Ask} danger title=${words("tokens.remove", { name: dropped.name })} text=${words("tokens.remove-text")} submit=${words("delete")} onClose=${() => setDropped(null)} act=${async () => { await api.removeToken(dropped.id); await again(); }} />`}
  <//>`;
}

/** @param {{onClose: () => void, onDone: () => void}} properties */
function AddToken({ onClose, onDone }) {
  const [name, setName] = useState("");
  const [account, setAccount] = useState("");
  const [audience, setAudience] = useState("");
  const [scopes, setScopes] = useState(/** @type {string[]} */ (["publish"]));
  const [days, setDays] = useState("365");
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const [secret, setSecret] = useState("");
  const toggle = (/** @type {string} */ scope) => (/** @type {boolean} */ on) => setScopes(on ? [...scopes, scope] : scopes.filter((one) => one !== scope));
  const all = scopes.flatMap((scope) => (scope === "publish" ? (audience ? [`publish:${audience}`] : []) : [scope]));
  const add = async (/** @type {Event} */ event) => {
    event.preventDefault();
    setBusy(true);
    try {
      const made = await api.addToken({ name: name.trim(), ...(account.trim() && { account: account.trim() }), scopes: all, ...(days !== "0" && { expires_in_seconds: Number(days) * DAY }) });
      setSecret(made.secret);
      onDone();
    } catch (error) {
      setProblem(explain(error));
    }
    setBusy(false);
  };
  if (secret) {
    return html`<${Dialog} wide title=${words("tokens.made", { name })} onClose=${onClose} actions=${html`<${Button} kind="primary" onClick=${onClose}>${words("done")}<//>`}>
      <p class="note"><${Icon} name="key-round" size=${16} />${words("tokens.once")}</p><${Secret} label=${words("tokens.secret")} value=${secret} />
      <pre class="sample" dir="ltr" tabindex="0">${example(audience || "everyone")}</pre><//>`;
  }
  return html`<${Dialog} title=${words("tokens.add")} onClose=${onClose} actions=${html`<${Button} onClick=${onClose}>${words("cancel")}<//><${Button} kind="primary" type="submit" form="add-token" busy=${busy} disabled=${!name.trim() || !all.length}>${words("tokens.add")}<//>`}>
    <form id="add-token" class="form" onSubmit=${add}>
      <${Field} label=${words("tokens.name")} value=${name} onInput=${setName} maxlength="64" problem=${problem} hint=${words("tokens.name-hint")} />
      <fieldset class="fields"><legend>${words("tokens.may")}</legend>
        <${Tick} label=${words("tokens.publish")} checked=${scopes.includes("publish")} onChange=${toggle("publish")} />
        ${scopes.includes("publish") && html`<${AudienceBuilder} short value=${audience} onChange=${setAudience} />`}
        <${Tick} label=${words("rights.may-read")} checked=${scopes.includes("read")} onChange=${toggle("read")} />
        <${Tick} label=${words("rights.may-chat")} checked=${scopes.includes("chat")} onChange=${toggle("chat")} />
        <${Tick} label=${words("rights.may-administer")} checked=${scopes.includes("administer")} onChange=${toggle("administer")} />
      </fieldset>
      <${Field} label=${words("tokens.account")} value=${account} onInput=${setAccount} hint=${words("tokens.account-hint")} />
      <${Choice} label=${words("tokens.lasts")} value=${days} options=${["30", "90", "365", "730", "0"].map((one) => [one, one === "0" ? words("tokens.endless") : words("tokens.days", { count: Number(one) })])} onChange=${setDays} />
    </form><//>`;
}

/** How a program shows it. @param {string} audience */
const example = (audience) => ["curl --cacert ca.pem -H 'Authorization: Bearer …' \\", `  ${location.origin}/api/v1/alerts \\`, `  --json '{"headline": "…", "audience": "${audience}"}'`].join("\n");
