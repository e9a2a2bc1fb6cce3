// Signing in. The password is proven, not sent.
import { useState } from "preact/hooks";
import { html } from "../html.js";
import { words } from "../words.js";
import { signIn, wasEnded } from "../store/session.js";
import { explain } from "../store/toasts.js";
import { Button } from "../parts/button.js";
import { Field, Tick } from "../parts/field.js";
import { Icon } from "../parts/icon.js";
import { LanguageChoice } from "../parts/language-choice.js";

export function SignIn() {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [remember, setRemember] = useState(true);
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);

  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setProblem("");
    try {
      await signIn(name, password, remember);
    } catch (error) {
      const { status } = /** @type {any} */ (error);
      setProblem(status === 401 ? words("sign-in.wrong") : explain(error));
      setBusy(false);
    }
  };

  return html`<main class="whole sign-in">
    <form class="card" onSubmit=${submit} aria-labelledby="sign-in-title">
      <div class="brand"><${Mark} /><span>messngr</span></div>
      <h1 id="sign-in-title">${words("sign-in.title")}</h1>
      <p class="muted">${words("sign-in.where", { host: location.host })}</p>
      ${wasEnded.value && html`<p class="note"><${Icon} name="info" size=${16} /><span>${words("sign-in.ended")}</span></p>`}
      ${!isSecureContext && html`<p class="note problem" role="alert"><${Icon} name="lock-open" size=${16} /><span>${words("sign-in.not-secure")}</span></p>`}
      <${Field} label=${words("sign-in.name")} value=${name} onInput=${setName} autocomplete="username" autocapitalize="none" spellcheck=${false} required autofocus />
      <${Field} label=${words("sign-in.password")} type="password" value=${password} onInput=${setPassword} autocomplete="current-password" required problem=${problem} />
      <${Tick} label=${words("sign-in.remember")} checked=${remember} onChange=${setRemember} />
      <${Button} kind="primary" type="submit" wide busy=${busy}>${words("sign-in.submit")}<//>
      <p class="hint">${words("sign-in.help")}</p>
    </form>
    <footer class="sign-in-foot"><${LanguageChoice} /></footer>
  </main>`;
}

/** The service's sign. */
export function Mark() {
  return html`<svg class="mark" width="32" height="32" viewBox="0 0 32 32" aria-hidden="true">
    <rect width="32" height="32" rx="8" fill="var(--accent)" />
    <path d="M8 9.500A2.500 2.500 0 0 1 10.500 7h11A2.500 2.500 0 0 1 24 9.500v8a2.500 2.500 0 0 1-2.500 2.500H15l-5 5v-5.100A2.500 2.500 0 0 1 8 17.500z"
      fill="none" stroke="var(--on-accent)" stroke-width="2.200" stroke-linejoin="round" />
  </svg>`;
}
