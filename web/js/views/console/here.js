// Who is here now, by what and from where.
import { useEffect, useMemo, useState } from "preact/hooks";
import { html } from "../../html.js";
import { hasWords, words } from "../../words.js";
import { ago, full } from "../../times.js";
import * as api from "../../api/console-people.js";
import { Button } from "../../parts/button.js";
import { Empty } from "../../parts/empty.js";
import { Presence } from "../../parts/presence.js";
import { Waiting } from "../../parts/waiting.js";
import { Failed, Page, localName, useLoaded } from "./page.js";

const AGAIN = 10_000;
const AT_ONCE = 200;

export function Here() {
  const { value, problem, again } = useLoaded(() => api.sessions());
  const [text, setText] = useState("");
  const [shown, setShown] = useState(AT_ONCE);
  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === "visible" && again(), AGAIN);
    return () => clearInterval(timer);
  }, []);
  const wanted = text.trim().toLowerCase();
  const those = useMemo(() => value?.filter((one) => !wanted || `${one.address} ${one.resource} ${one.source} ${one.protocol}`.toLowerCase().includes(wanted)) ?? [], [value, wanted]);
  const people = new Set(value?.map((one) => one.address)).size;
  return html`<${Page} title=${words("console.place.here")} lead=${value ? words("here.lead", { count: people, sessions: value.length }) : ""}>
    ${problem && !value && html`<${Failed} text=${problem} onAgain=${again} />`}
    ${!value && !problem && html`<${Waiting} />`}
    ${value?.length === 0 && html`<${Empty} icon="monitor-smartphone" title=${words("here.empty")} text=${words("here.empty-text")} />`}
    ${value && value.length > 0 && html`<input class="input" type="search" value=${text} placeholder=${words("here.search")} aria-label=${words("here.search")} onInput=${(/** @type {any} */ event) => setText(event.currentTarget.value)} />
      <div class="table-place" tabindex="0" role="group" aria-label=${words("console.place.here")}><table class="table"><thead><tr><th scope="col">${words("people.name")}</th><th scope="col">${words("here.how")}</th><th scope="col">${words("here.by")}</th><th scope="col">${words("here.from")}</th><th scope="col" class="number">${words("here.since")}</th></tr></thead>
        <tbody>${those.slice(0, shown).map((one) => html`<tr key=${`${one.address}/${one.resource}`}><td><bdi class="strong" title=${one.address}>${localName(one.address)}</bdi>${one.text && html`<br /><bdi class="small muted">${one.text}</bdi>`}</td>
          <td class="nowrap"><${Presence} show=${one.show} /></td><td>${hasWords(`by.${one.protocol}`) ? words(`by.${one.protocol}`) : one.protocol}<br /><bdi class="small muted">${one.resource}</bdi></td><td><code>${one.source}</code></td><td class="number nowrap"><time title=${full(Date.parse(one.since))}>${ago(Date.parse(one.since))}</time></td></tr>`)}</tbody></table></div>
      ${those.length > shown && html`<${Button} kind="quiet" onClick=${() => setShown(shown + 500)}>${words("more")}<//>`}`}
  <//>`;
}
