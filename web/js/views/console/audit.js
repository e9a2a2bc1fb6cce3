// The audit log, newest first, and whether it is as it was written.
import { useMemo, useState } from "preact/hooks";
import { html } from "../../html.js";
import { hasWords, words } from "../../words.js";
import { ago, full } from "../../times.js";
import * as api from "../../api/console-service.js";
import { explain, toastProblem } from "../../store/toasts.js";
import { Button } from "../../parts/button.js";
import { Empty } from "../../parts/empty.js";
import { Icon } from "../../parts/icon.js";
import { Waiting } from "../../parts/waiting.js";
import { Failed, Page, localName, useLoaded } from "./page.js";

export function Audit() {
  const { value, problem, again, set } = useLoaded(async () => (await api.newestRecords()).reverse());
  const [text, setText] = useState("");
  const [verdict, setVerdict] = useState(/** @type {import("../../api/console-service.js").Verification | null} */ (null));
  const [busy, setBusy] = useState(false);
  const wanted = text.trim().toLowerCase();
  const those = useMemo(() => value?.filter((one) => !wanted || `${one.action} ${actionInWords(one.action)} ${one.actor} ${one.subject} ${one.detail}`.toLowerCase().includes(wanted)) ?? [], [value, wanted]);
  const verify = async () => {
    setBusy(true);
    await api.verify().then(setVerdict, toastProblem);
    setBusy(false);
  };
  const more = async () => {
    const last = value?.at(-1)?.sequence ?? 1;
    set([...(value ?? []), ...(await api.recordsBefore(last)).reverse()]);
  };
  return html`<${Page} title=${words("console.place.audit")} actions=${html`<${Button} icon="shield-check" busy=${busy} onClick=${verify}>${words("audit.verify")}<//>`} lead=${words("audit.lead")}>
    ${verdict && html`<p class=${`note health ${verdict.intact ? "" : "problem"}`} role="status"><${Icon} name=${verdict.intact ? "shield-check" : "shield-alert"} size=${20} /><span>${verdict.intact ? words("audit.intact", { count: verdict.records ?? 0, signed: verdict.signed_up_to ?? 0 }) : words("audit.broken", { how: verdict.broken ?? "" })}</span></p>`}
    ${problem && html`<${Failed} text=${problem} onAgain=${again} />`}
    ${!value && !problem && html`<${Waiting} />`}
    ${value && html`<input class="input" type="search" value=${text} placeholder=${words("audit.search")} aria-label=${words("audit.search")} onInput=${(/** @type {any} */ event) => setText(event.currentTarget.value)} />
      ${those.length === 0 && html`<${Empty} icon="scroll-text" title=${words("audit.none")} />`}
      ${those.length > 0 && html`<div class="table-place" tabindex="0" role="group" aria-label=${words("console.place.audit")}><table class="table"><thead><tr><th scope="col" class="number wide-only">${words("audit.number")}</th><th scope="col">${words("audit.when")}</th><th scope="col">${words("audit.who")}</th><th scope="col">${words("audit.what")}</th><th scope="col" class="wide-only">${words("audit.detail")}</th></tr></thead>
        <tbody>${those.map((one) => html`<tr key=${one.sequence} title=${one.hash}><td class="number wide-only">${one.sequence}</td><td class="nowrap"><time title=${full(Date.parse(one.at))}>${ago(Date.parse(one.at))}</time></td><td>${one.actor === null ? html`<span class="muted">${words("audit.erased")}</span>` : html`<bdi>${localName(one.actor)}</bdi>`}</td>
          <td>${actionInWords(one.action)}<br /><bdi class="small muted subject">${one.subject}</bdi></td><td class="wide-only"><bdi class="small">${one.detail}</bdi></td></tr>`)}</tbody></table></div>`}
      ${(value.at(-1)?.sequence ?? 1) > 1 && html`<${Button} kind="quiet" onClick=${() => more().catch(toastProblem)}>${words("audit.more")}<//>`}`}
  <//>`;
}

/** @param {string} action */
const actionInWords = (action) => (hasWords(`action.${action}`) ? words(`action.${action}`) : action);
