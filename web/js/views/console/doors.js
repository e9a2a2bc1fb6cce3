// How the service is: its doors, its certificate, its limits, and from where nobody may sign in now.
import { html } from "../../html.js";
import { hasWords, words } from "../../words.js";
import { ago, full } from "../../times.js";
import * as api from "../../api/console-service.js";
import { isAdministrator } from "../../store/session.js";
import { Icon } from "../../parts/icon.js";
import { Waiting } from "../../parts/waiting.js";
import { Secret } from "./secret.js";
import { Sources } from "./sources.js";
import { Failed, Page, useLoaded } from "./page.js";
import { valueInWords } from "./settings.js";

/** The problem of a door that is not meant to listen, as the service says it. */
const OFF = "The door is switched off.";

export function Doors() {
  const status = useLoaded(() => api.status());
  const authority = useLoaded(() => api.authority().catch(() => null));
  const limits = useLoaded(async () => (isAdministrator.value ? (await api.configuration()).json?.limits ?? null : null));
  const { value, problem, again } = status;
  const wrong = value?.listening.filter((one) => one.problem && one.problem !== OFF) ?? [];
  return html`<${Page} title=${words("console.place.doors")}>
    ${problem && html`<${Failed} text=${problem} onAgain=${again} />`}
    ${!value && !problem && html`<${Waiting} />`}
    ${value && html`<p class=${`note health ${wrong.length ? "problem" : ""}`}><${Icon} name=${wrong.length ? "circle-alert" : "circle-check"} size=${20} /><span>${wrong.length ? words("doors.wrong", { count: wrong.length }) : words("doors.well")}</span></p>
      <dl class="tiles"><${Tile} label=${words("doors.version")} value=${value.version} /><${Tile} label=${words("doors.since")} value=${ago(Date.parse(value.started_at))} title=${full(Date.parse(value.started_at))} /><${Tile} label=${words("console.place.people")} value=${String(value.accounts)} /><${Tile} label=${words("doors.sessions")} value=${String(value.sessions)} /></dl>
      <section class="column"><h2>${words("doors.title")}</h2><ul class="doors">${value.listening.map((one) => html`<li key=${one.setting} class=${one.problem ? (one.problem === OFF ? "off" : "bad") : "good"}>
        <${Icon} name=${one.problem ? (one.problem === OFF ? "pause" : "circle-x") : "circle-check"} size=${20} />
        <div class="grow"><p><strong>${hasWords(`door.${one.setting}`) ? words(`door.${one.setting}`) : one.purpose}</strong></p>
          <p class="small muted"><code>${one.setting}</code></p>${one.problem && html`<p class="small">${one.problem === OFF ? words("doors.off") : html`<bdi>${one.problem}</bdi>`}</p>`}${one.remedy && html`<p class="small muted"><bdi>${one.remedy}</bdi></p>`}</div>
        ${one.address && html`<code class="nowrap">${one.address}</code>`}</li>`)}</ul></section>`}
    ${authority.value && html`<section class="console-panel column"><h2>${words("doors.certificate")}</h2><p class="muted">${words("doors.certificate-text", { time: full(Date.parse(authority.value.ends)) })}</p>
      <${Secret} label="SHA-256" value=${authority.value.fingerprint_sha256} />
      <div><a class="button" download="messngr-ca.pem" href=${`data:application/x-pem-file,${encodeURIComponent(authority.value.pem)}`}><${Icon} name="download" size=${16} /><span>${words("certificate.download")}</span></a></div></section>`}
    ${value?.gate && html`<section class="column"><h2>${words("gate.title")}</h2><p class="muted small">${words("gate.lead")}</p><div class="table-place"><table class="table"><tbody>${Object.entries(value.gate).map(([key, count]) => html`<tr key=${key}><th scope="row">${words(`gate.${key}`)}</th><td class="number">${valueInWords(key, count)}</td></tr>`)}${Object.entries(value.strangers_refused ?? {}).map(([why, count]) => html`<tr key=${why}><th scope="row">${words(`gate.stranger.${why}`)}</th><td class="number">${valueInWords(why, count)}</td></tr>`)}</tbody></table></div></section>`}
    ${isAdministrator.value && html`<${Sources} />`}
    ${limits.value && html`<section class="column"><h2>${words("setting.limits")}</h2><p class="muted small">${words("setting.limits.hint")}</p><div class="table-place"><table class="table"><tbody>${Object.entries(limits.value).map(([key, limit]) => html`<tr key=${key}><th scope="row">${hasWords(`setting.limits.${key}`) ? words(`setting.limits.${key}`) : html`<code>${key}</code>`}</th><td class="number">${valueInWords(key, limit)}</td></tr>`)}</tbody></table></div></section>`}
  <//>`;
}

/** @param {{label: string, value: string, title?: string}} properties */
const Tile = ({ label, value, title }) => html`<div class="tile"><dt class="small muted">${label}</dt><dd class="figures" title=${title}>${value}</dd></div>`;
