// The first time: a password of one's own instead of the one that was made, and what to do about the certificate.
import { html } from "../html.js";
import { words } from "../words.js";
import { begin, session } from "../store/session.js";
import { current } from "../api/session.js";
import { PasswordForm } from "../parts/password-form.js";
import { CertificateHelp } from "../parts/certificate-help.js";
import { Mark } from "./sign-in.js";

export function FirstStart() {
  return html`<main class="whole sign-in">
    <div class="card wide">
      <div class="brand"><${Mark} /><span>messngr</span></div>
      <h1>${words("first.title", { name: session.value?.name ?? "" })}</h1>
      <p class="muted">${words("first.why")}</p>
      <${PasswordForm} onDone=${async () => begin(await current())} submit=${words("first.submit")} />
      <${CertificateHelp} />
    </div>
  </main>`;
}
