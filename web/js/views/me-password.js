// A new password.
import { html } from "../html.js";
import { words } from "../words.js";
import { toast } from "../store/toasts.js";
import { CertificateHelp } from "../parts/certificate-help.js";
import { PasswordForm } from "../parts/password-form.js";

export function PasswordPage() {
  return html`<section class="block"><p class="hint">${words("password.what")}</p>
      <${PasswordForm} submit=${words("password.submit")} onDone=${() => toast(words("password.done"))} /></section>
    <${CertificateHelp} />`;
}
