// Why the browser warns, and how it stops: the service's own authority, to be trusted once on each computer.
import { html } from "../html.js";
import { words } from "../words.js";
import { session } from "../store/session.js";
import { Icon } from "./icon.js";

const SYSTEMS = ["windows", "macos", "linux", "firefox", "phone"];

export function CertificateHelp() {
  const authority = session.value?.certificate;
  // A certificate of somebody that browsers know needs no help.
  if (authority === null) return null;
  return html`<section class="certificate">
    <h2><${Icon} name="shield-check" size=${18} /> ${words("certificate.title")}</h2>
    <p class="muted">${words(location.protocol === "https:" ? "certificate.why" : "certificate.loopback")}</p>
    <p><a class="button plain" href=${authority?.download ?? "/api/v1/ca"} download="messngr-ca.pem"><${Icon} name="download" size=${16} /><span>${words("certificate.download")}</span></a></p>
    ${authority?.authority_sha256 && html`<p class="hint">${words("certificate.fingerprint")}<br /><code class="code">${authority.authority_sha256}</code></p>`}
    ${SYSTEMS.map((system) => html`<details key=${system}>
      <summary>${words(`certificate.${system}`)}</summary>
      <p>${words(`certificate.${system}.how`)}</p>
    </details>`)}
  </section>`;
}
