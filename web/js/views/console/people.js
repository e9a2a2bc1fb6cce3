// The people of the service: who there is, and everything about one of them.
import { useEffect, useMemo, useState } from "preact/hooks";
import { html } from "../../html.js";
import { words } from "../../words.js";
import { go } from "../../router.js";
import { sessions as askSessions } from "../../api/console-people.js";
import { explain } from "../../store/toasts.js";
import { Button } from "../../parts/button.js";
import { Avatar } from "../../parts/avatar.js";
import { Empty } from "../../parts/empty.js";
import { Waiting } from "../../parts/waiting.js";
import { directory, loadDirectory } from "./directory.js";
import { Failed, Page, localName, useLoaded } from "./page.js";
import { AddPerson } from "./people-add.js";
import { ImportPeople } from "./people-import.js";
import { Person } from "./person.js";

const AT_ONCE = 100;

/** @param {{parts: string[]}} properties */
export function People({ parts: [name] }) {
  const [text, setText] = useState("");
  const [shown, setShown] = useState(AT_ONCE);
  const [open, setOpen] = useState("");
  const [problem, setProblem] = useState("");
  const load = () => loadDirectory({ anew: true }).then(() => setProblem(""), (error) => setProblem(explain(error)));
  const here = useLoaded(() => askSessions().catch(() => []));
  useEffect(() => void load(), []);
  const accounts = directory.value?.accounts;
  const wanted = text.trim().toLowerCase();
  const those = useMemo(() => accounts?.filter((one) => !wanted || `${one.address} ${one.netbios} ${one.groups.join(" ")}`.toLowerCase().includes(wanted)) ?? [], [accounts, wanted]);
  const showOf = useMemo(() => new Map(here.value?.map((one) => [one.address, one.show])), [here.value]);

  const actions = html`<${Button} icon="upload" class="wide-only" onClick=${() => setOpen("import")}>${words("people.import")}<//><${Button} kind="primary" icon="user-plus" onClick=${() => setOpen("add")}>${words("people.add")}<//>`;
  return html`<${Page} title=${words("console.place.people")} actions=${actions}>
    ${problem && html`<${Failed} text=${problem} onAgain=${load} />`}
    ${!accounts && !problem && html`<${Waiting} />`}
    ${accounts && html`<div class="row wrap"><input class="input grow" type="search" value=${text} placeholder=${words("people.search")} aria-label=${words("people.search")} onInput=${(/** @type {any} */ event) => setText(event.currentTarget.value)} /><span class="small muted figures nowrap">${words("audience.people", { count: those.length })}</span></div>
      ${those.length === 0 && html`<${Empty} icon="search" title=${words("people.none")} />`}
      ${those.length > 0 && html`<div class="table-place"><table class="table links"><thead><tr><th scope="col">${words("people.name")}</th><th scope="col">${words("people.groups")}</th><th scope="col" class="wide-only">${words("people.netbios")}</th><th scope="col" class="wide-only">${words("people.state")}</th></tr></thead>
        <tbody>${those.slice(0, shown).map((one) => html`<tr key=${one.address}><td><a class="row cell-link" href=${`/console/people/${encodeURIComponent(localName(one.address))}`}><${Avatar} name=${one.address} address=${one.address} size=${28} show=${showOf.get(one.address) ?? null} /><span><bdi class="strong">${localName(one.address)}</bdi><span class="narrow-only"> ${stateOf(one)}</span></span></a></td>
          <td><span class="tags">${one.groups.map((group) => html`<bdi key=${group} class="tag">${group}</bdi>`)}</span></td><td class="wide-only"><code>${one.netbios}</code></td>
          <td class="wide-only">${stateOf(one)}</td></tr>`)}</tbody></table></div>`}
      ${those.length > shown && html`<${Button} kind="quiet" onClick=${() => setShown(shown + 500)}>${words("more")}<//>`}
      <div class="narrow-only"><${Button} wide icon="upload" onClick=${() => setOpen("import")}>${words("people.import")}<//></div>`}
    ${open === "add" && html`<${AddPerson} onClose=${() => setOpen("")} onDone=${load} />`}
    ${open === "import" && html`<${ImportPeople} onClose=${() => setOpen("")} onDone=${load} />`}
    ${name && accounts && html`<${Person} key=${name} name=${name} onClose=${() => go("/console/people")} onChange=${load} />`}
  <//>`;
}

/** @param {import("../../api/console-people.js").Account} one */
const stateOf = (one) => (one.disabled ? html`<span class="tag bad">${words("people.disabled")}</span>` : one.administrator ? html`<span class="tag good">${words("people.administrator")}</span>` : "");
