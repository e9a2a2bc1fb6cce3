// Changing one's own password: the one of now, and the new one twice.
import { useState } from "preact/hooks";
import { html } from "../html.js";
import { words } from "../words.js";
import { changePassword } from "../api/me.js";
import { explain } from "../store/toasts.js";
import { Button } from "./button.js";
import { Field } from "./field.js";

const LEAST = 8;

/** @param {{onDone: () => void, submit: string}} properties */
export function PasswordForm({ onDone, submit }) {
  const [current, setCurrent] = useState("");
  const [fresh, setFresh] = useState("");
  const [again, setAgain] = useState("");
  const [problems, setProblems] = useState(/** @type {Record<string, string>} */ ({}));
  const [busy, setBusy] = useState(false);

  const send = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const found = /** @type {Record<string, string>} */ ({});
    if ([...fresh].length < LEAST) found.fresh = words("password.short", { count: LEAST });
    else if (fresh === current) found.fresh = words("password.same");
    if (again !== fresh) found.again = words("password.different");
    setProblems(found);
    if (Object.keys(found).length) return;
    setBusy(true);
    try {
      await changePassword(current, fresh);
      setCurrent("");
      setFresh("");
      setAgain("");
      onDone();
    } catch (error) {
      const isWrong = /** @type {any} */ (error).status === 403;
      setProblems(isWrong ? { current: words("password.wrong") } : { fresh: explain(error) });
    }
    setBusy(false);
  };

  return html`<form class="form" onSubmit=${send}>
    <${Field} label=${words("password.current")} type="password" autocomplete="current-password" required value=${current} onInput=${setCurrent} problem=${problems.current} />
    <${Field} label=${words("password.fresh")} type="password" autocomplete="new-password" required value=${fresh} onInput=${setFresh} problem=${problems.fresh} hint=${words("password.hint", { count: LEAST })} />
    <${Field} label=${words("password.again")} type="password" autocomplete="new-password" required value=${again} onInput=${setAgain} problem=${problems.again} />
    <div><${Button} kind="primary" type="submit" busy=${busy}>${submit}<//></div>
  </form>`;
}
