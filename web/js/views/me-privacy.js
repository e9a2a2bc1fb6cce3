// Who may write, who sees what, and who is blocked.
import { useEffect, useState } from "preact/hooks";
import { html } from "../html.js";
import { words } from "../words.js";
import * as api from "../api/me.js";
import { keep, kept } from "../store/kept.js";
import { blocked, unblock } from "../store/people.js";
import { toast, toastProblem } from "../store/toasts.js";
import { Button } from "../parts/button.js";
import { Choice, Switch } from "../parts/field.js";
import { Waiting } from "../parts/waiting.js";

/** @typedef {import("../api/me.js").Privacy} Privacy */

const WRITERS = ["everyone", "contacts", "contacts-and-my-groups"];
const SEERS = ["everyone", "contacts", "nobody"];
/** Under which name this browser keeps what hiding has replaced. */
const REPLACED = "hiding-replaced";

export function PrivacyPage() {
  const [privacy, setPrivacy] = useState(/** @type {Privacy | null} */ (null));
  useEffect(() => {
    api.privacy().then(setPrivacy, toastProblem);
  }, []);
  if (!privacy) return html`<${Waiting} />`;

  const set = async (/** @type {Partial<Privacy>} */ change) => {
    const before = privacy;
    setPrivacy({ ...privacy, ...change });
    try {
      await api.setPrivacy({ ...privacy, ...change });
      toast(words("saved"));
    } catch (problem) {
      setPrivacy(before);
      toastProblem(problem);
    }
  };
  const isGroups = privacy.writes.startsWith("groups:");
  const hide = (/** @type {boolean} */ on) => {
    if (!on) return set(asBefore(privacy));
    const hidden = /** @type {Partial<Privacy>} */ ({ ...withContacts(privacy), writes: "contacts" });
    keep(REPLACED, Object.fromEntries(Object.keys(hidden).map((what) => [what, privacy[/** @type {keyof Privacy} */ (what)]])));
    return set(hidden);
  };
  const letWrite = (/** @type {string} */ writes) => {
    // Whoever chooses this themselves wants nothing back that was before.
    keep(REPLACED, undefined);
    return set({ writes });
  };
  return html`
    <section class="block"><${Switch} label=${words("privacy.hide")} hint=${words("privacy.hide.what")} checked=${privacy.writes === "contacts"} onChange=${hide} /></section>
    <section class="block" aria-labelledby="writes-title"><h2 id="writes-title">${words("privacy.writes")}</h2><p class="hint">${words("privacy.writes.what")}</p>
      ${[...WRITERS, ...(isGroups ? [privacy.writes] : [])].map((writer) => html`<label key=${writer} class=${`choice-card ${privacy.writes === writer ? "chosen" : ""}`}>
        <input type="radio" class="unseen" name="writes" checked=${privacy.writes === writer} onChange=${() => letWrite(writer)} />
        <span class="dot" aria-hidden="true"></span><span class="grow">${writer.startsWith("groups:") ? words("privacy.writes.groups", { groups: writer.slice(7) }) : words(`privacy.writes.${writer}`)}</span></label>`)}
    </section>
    <section class="block" aria-labelledby="sees-title"><h2 id="sees-title">${words("privacy.sees")}</h2>
      ${/** @type {("reading" | "typing" | "last_activity")[]} */ (["reading", "typing", "last_activity"]).map((what) => html`<${Choice} key=${what} label=${words(`privacy.${what}`)} value=${String(privacy[what])}
        options=${[...new Set([...SEERS, String(privacy[what])])].map((who) => [who, words(`privacy.who.${who}`)])} onChange=${(/** @type {string} */ who) => set({ [what]: who })} />`)}
    </section>
    <${Blocked} />`;
}

/** What the switch replaced comes back, but for what was chosen since. @param {Privacy} privacy @returns {Partial<Privacy>} */
function asBefore(privacy) {
  const replaced = Object.entries(kept(REPLACED, {})).filter(([what]) => privacy[/** @type {keyof Privacy} */ (what)] === "contacts");
  return { writes: "everyone", ...Object.fromEntries(replaced) };
}

/** Whoever hides from all others shows them nothing either. @param {Privacy} privacy @returns {Partial<Privacy>} */
function withContacts(privacy) {
  const shown = /** @type {("reading" | "typing" | "last_activity")[]} */ (["reading", "typing", "last_activity"]).filter((what) => privacy[what] === "everyone");
  return Object.fromEntries(shown.map((what) => [what, "contacts"]));
}

function Blocked() {
  const all = [...blocked.value].sort();
  return html`<section class="block" aria-labelledby="blocked-title"><h2 id="blocked-title">${words("privacy.blocked")}</h2>
    ${all.length === 0
      ? html`<p class="hint">${words("privacy.blocked.none")}</p>`
      : html`<ul class="plain-list">${all.map((address) => html`<li key=${address} class="row"><bdi class="grow cut">${address}</bdi><${Button} onClick=${() => unblock(address).catch(toastProblem)}>${words("unblock")}<//></li>`)}</ul>`}
  </section>`;
}
