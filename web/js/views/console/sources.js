// Network addresses that are refused or have to wait now, and letting one in again.
import { useState } from "preact/hooks";
import { html } from "../../html.js";
import { words } from "../../words.js";
import { exactClock, full } from "../../times.js";
import * as api from "../../api/console-service.js";
import { Button } from "../../parts/button.js";
import { toastProblem } from "../../store/toasts.js";
import { useLoaded } from "./page.js";

/** Shown only to whoever may let somebody in. */
export function Sources() {
  const { value, again } = useLoaded(() => api.refusedSources());
  if (!value) return null;
  return html`<section class="column"><h2>${words("sources.title")}</h2><p class="muted small">${words("sources.lead")}</p>
    ${value.length === 0 && html`<p class="muted">${words("sources.none")}</p>`}
    ${value.length > 0 && html`<div class="table-place"><table class="table"><thead><tr><th scope="col">${words("sources.address")}</th><th scope="col">${words("sources.why")}</th><th scope="col">${words("sources.until")}</th><th scope="col" class="number">${words("sources.times")}</th><th scope="col"><span class="unseen">${words("sources.let-in")}</span></th></tr></thead>
      <tbody>${value.map((one) => html`<${Source} key=${`${one.address} ${one.why}`} one=${one} onDone=${again} />`)}</tbody></table></div>`}
    <div><${Button} icon="refresh-cw" onClick=${again}>${words("sources.again")}<//></div></section>`;
}

/** @param {{one: api.RefusedSource, onDone: () => void}} properties */
function Source({ one, onDone }) {
  const [busy, setBusy] = useState(false);
  const letIn = () => {
    setBusy(true);
    // Whose minute was over by itself is not refused any more either.
    api.letIn(one.address).catch((problem) => problem.status === 404 || toastProblem(problem)).then(onDone).finally(() => setBusy(false));
  };
  const until = one.until ? Date.parse(one.until) : 0;
  return html`<tr><th scope="row"><code>${one.address}</code></th><td>${words(`sources.why.${one.why}`)}</td>
    <td>${until ? html`<time title=${full(until)}>${exactClock(until)}</time>` : words("sources.until-changed")}</td><td class="number">${one.refused ?? ""}</td>
    <td>${until > 0 && html`<${Button} class="small" busy=${busy} aria-label=${words("sources.let-in-one", { address: one.address })} onClick=${letIn}>${words("sources.let-in")}<//>`}</td></tr>`;
}
