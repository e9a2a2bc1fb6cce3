// Something that is shown only now: to be copied, and not kept here.
import { useState } from "preact/hooks";
import { html } from "../../html.js";
import { words } from "../../words.js";
import { Button } from "../../parts/button.js";

/** @param {{label: string, value: string}} properties */
export function Secret({ label, value }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(value).then(() => setCopied(true), () => {});
  };
  return html`<div class="secret"><span class="small muted">${label}</span><div class="row"><code class="grow" tabindex="0">${value}</code><${Button} icon=${copied ? "check" : "copy"} onClick=${copy}>${words(copied ? "copied" : "copy")}<//></div></div>`;
}
