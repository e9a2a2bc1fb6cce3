// Many people from a table: name, groups and password in each line. It is looked at before anything is made.
import { useMemo, useState } from "preact/hooks";
import { html } from "../../html.js";
import { words } from "../../words.js";
import * as api from "../../api/console-people.js";
import { explain } from "../../store/toasts.js";
import { Button } from "../../parts/button.js";
import { Dialog } from "../../parts/dialog.js";
import { Field } from "../../parts/field.js";
import { Icon } from "../../parts/icon.js";
import { readTable } from "./csv.js";
import { saveFile } from "./page.js";
import { madePassword } from "./people-add.js";

/** @typedef {{name: string, groups: string[], password: string, isMade: boolean}} Entry */
/** @typedef {Entry & {problem?: string}} Result */

const LOOK = 6;

/** @param {{onClose: () => void, onDone: () => void}} properties */
export function ImportPeople({ onClose, onDone }) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(-1);
  const [results, setResults] = useState(/** @type {Result[] | null} */ (null));
  const entries = useMemo(() => entriesIn(text), [text]);
  const choose = async (/** @type {any} */ event) => setText(await event.currentTarget.files[0]?.text() ?? "");

  const run = async () => {
    /** @type {Result[]} */
    const done = [];
    for (const entry of entries) {
      setAt(done.length);
      try {
        await api.addAccount({ name: entry.name, password: entry.password, groups: entry.groups, create_groups: true });
        done.push(entry);
      } catch (error) {
        done.push({ ...entry, problem: explain(error) });
        if (/** @type {any} */ (error).kind === "unreachable") break;
      }
    }
    setAt(-1);
    setResults(done);
    onDone();
  };
  const save = () => {
    const lines = results?.filter((one) => !one.problem && one.isMade).map((one) => `${one.name},${one.password}`) ?? [];
    saveFile(new Blob([`name,password\r\n${lines.join("\r\n")}\r\n`], { type: "text/csv" }), "passwords.csv");
  };

  if (results) {
    const failed = results.filter((one) => one.problem);
    const made = results.length - failed.length;
    return html`<${Dialog} wide title=${words("people.imported", { count: made })} onClose=${onClose} actions=${html`${results.some((one) => one.isMade && !one.problem) && html`<${Button} icon="download" onClick=${save}>${words("people.save-passwords")}<//>`}<${Button} kind="primary" onClick=${onClose}>${words("done")}<//>`}>
      ${results.some((one) => one.isMade && !one.problem) && html`<p class="note"><${Icon} name="key-round" size=${16} />${words("people.passwords-once")}</p>`}
      ${failed.length > 0 && html`<p>${words("people.not-imported", { count: failed.length })}</p><ul class="column">${failed.map((one) => html`<li key=${one.name}><strong><bdi>${one.name}</bdi></strong>: ${one.problem}</li>`)}</ul>`}<//>`;
  }
  return html`<${Dialog} wide title=${words("people.import")} onClose=${onClose} actions=${html`<${Button} onClick=${onClose}>${words("cancel")}<//><${Button} kind="primary" busy=${at >= 0} disabled=${!entries.length} onClick=${run}>${words("people.import-count", { count: entries.length })}<//>`}>
    <p>${words("people.import-how")}</p>
    <pre class="sample" dir="ltr">name,groups,password${"\n"}anna,ward;chiefs,${"\n"}bert,plant,battery staple</pre>
    <label class="button"><${Icon} name="upload" size=${16} /><span>${words("people.choose-file")}</span><input type="file" class="unseen" accept=".csv,text/csv,text/plain" onChange=${choose} /></label>
    <${Field} label=${words("people.or-paste")} rows=${5} value=${text} onInput=${setText} dir="ltr" spellcheck="false" class="code-field" />
    ${at >= 0 && html`<progress class="progress" max=${entries.length} value=${at} aria-label=${words("people.import")}></progress>`}
    ${at < 0 && entries.length > 0 && html`<div><p class="small muted">${words("people.import-look", { count: entries.length })}</p><ul class="column small">${entries.slice(0, LOOK).map((one) => html`<li key=${one.name}><bdi>${one.name}</bdi> <span class="muted">${one.groups.join(", ")}</span></li>`)}${entries.length > LOOK && html`<li>…</li>`}</ul></div>`}
  <//>`;
}

/** @param {string} text @returns {Entry[]} */
function entriesIn(text) {
  const rows = readTable(text);
  if (!rows.length) return [];
  const head = rows[0].map((cell) => cell.trim().toLowerCase());
  const hasHead = head.includes("name");
  const column = (/** @type {string} */ name, /** @type {number} */ otherwise) => (hasHead ? head.indexOf(name) : otherwise);
  const [name, groups, password] = [column("name", 0), column("groups", 1), column("password", 2)];
  return rows.slice(hasHead ? 1 : 0).flatMap((row) => {
    const own = row[name]?.trim().toLowerCase().split("@")[0];
    const given = row[password]?.trim();
    return own ? [{ name: own, groups: (row[groups] ?? "").split(/[;|]/).map((group) => group.trim()).filter(Boolean), password: given || madePassword(), isMade: !given }] : [];
  });
}
