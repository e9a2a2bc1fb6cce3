// Who stands where, and what was answered.
import { useMemo, useState } from "preact/hooks";
import { html } from "../../html.js";
import { hasWords, language, words } from "../../words.js";
import { clock, full } from "../../times.js";
import { wording } from "../../api/alerts.js";
import { displayName } from "../../store/people.js";
import { Button } from "../../parts/button.js";
import { Empty } from "../../parts/empty.js";
import { Icon } from "../../parts/icon.js";
import { span } from "../alerts-face.js";
import { stageOf, stages } from "./board-bar.js";

/** @typedef {import("../../api/alerts.js").Alert} Alert */
/** @typedef {import("../../api/console-alerts.js").Row} Row */

const AT_ONCE = 100;

/** How often each choice was given. @param {{alert: Alert, rows: Row[]}} properties */
export function Answers({ alert, rows }) {
  if (!alert.must_confirm || alert.choices.length < 2) return null;
  const given = rows.flatMap((row) => row.confirmation?.choice ?? []);
  return html`<section class="console-panel answers"><h3>${words("board.answers")}</h3><dl>${alert.choices.map((choice) => {
    const count = given.filter((one) => one === choice).length;
    return html`<div key=${choice}><dt><bdi>${choiceIn(alert, choice)}</bdi></dt><dd class="figures">${count}</dd><dd class="answer-bar" aria-hidden="true"><span style=${{ width: `${given.length ? (count / given.length) * 100 : 0}%` }}></span></dd></div>`;
  })}</dl></section>`;
}

/** @param {{alert: Alert, rows: Row[], stage: string, onStage: (stage: any) => void, complete: boolean}} properties */
export function Recipients({ alert, rows, stage, onStage, complete }) {
  const [text, setText] = useState("");
  const [shown, setShown] = useState(AT_ONCE);
  const wanted = text.trim().toLowerCase();
  const those = useMemo(
    () =>
      rows
        .filter((row) => (!stage || stageOf(row) === stage) && (!wanted || `${row.recipient} ${row.confirmation?.choice ?? ""} ${displayName(address(row))}`.toLowerCase().includes(wanted)))
        .sort((one, other) => stages.indexOf(stageOf(other)) - stages.indexOf(stageOf(one)) || last(other).localeCompare(last(one))),
    [rows, stage, wanted],
  );
  if (!rows.length) return null;
  return html`<section class="column">
    <div class="row wrap"><h3 class="grow">${words(`board.rows`, { count: those.length })}</h3>
      <input class="input board-search" type="search" value=${text} placeholder=${words("board.search")} aria-label=${words("board.search")} onInput=${(/** @type {any} */ event) => setText(event.currentTarget.value)} /></div>
    ${those.length === 0 && html`<${Empty} icon="users" title=${words("board.none")}><${Button} onClick=${() => { setText(""); onStage(""); }}>${words("board.show-all")}<//><//>`}
    ${those.length > 0 && html`<div class="table-place" tabindex="0" role="group" aria-label=${words("board.table")}><table class="table">
      <thead><tr><th scope="col">${words("board.who")}</th><th scope="col">${words("board.state")}</th><th scope="col">${words("board.answer")}</th><th scope="col" class="number">${words("board.when")}</th><th scope="col" class="wide-only">${words("board.how")}</th></tr></thead>
      <tbody>${those.slice(0, shown).map((row) => html`<${Recipient} key=${row.recipient} alert=${alert} row=${row} begins=${Date.parse(alert.progress.started_at ?? alert.effective_at)} />`)}</tbody>
    </table></div>`}
    ${those.length > shown && html`<${Button} kind="quiet" onClick=${() => setShown(shown + 500)}>${words("more")}<//>`}
    ${!complete && html`<p class="hint">${words("board.incomplete")}</p>`}
  </section>`;
}

/** @param {{alert: Alert, row: Row, begins: number}} properties */
function Recipient({ alert, row, begins }) {
  const isComputer = row.recipient.startsWith("computer:");
  const at = last(row) ? Date.parse(last(row)) : 0;
  const after = at - begins;
  return html`<tr>
    <td><span class="row">${isComputer && html`<${Icon} name="monitor" size=${16} />`}<bdi title=${row.recipient}>${isComputer ? address(row) : displayName(address(row))}</bdi></span></td>
    <td class="nowrap"><span class="row"><span class=${`dot ${stageOf(row)}`}></span>${words(`stage.word.${stageOf(row)}`)}</span></td>
    <td>${row.confirmation ? html`<bdi>${choiceIn(alert, row.confirmation.choice)}</bdi>` : row.reason ? html`<span class="muted">${reason(row, alert)}</span>` : html`<span class="muted">–</span>`}</td>
    <td class="number nowrap">${at ? html`<time title=${full(at)}>${after >= 0 && after < 3_600_000 ? words("board.after", { time: span(after / 1000) }) : clock(at)}</time>` : ""}</td>
    <td class="wide-only">${row.confirmation && html`<span class="muted"><bdi>${hasWords(`by.${row.confirmation.protocol}`) ? words(`by.${row.confirmation.protocol}`) : row.confirmation.protocol}</bdi>, <bdi>${row.confirmation.device}</bdi>, <bdi>${row.confirmation.source}</bdi></span>`}</td>
  </tr>`;
}

/** What ends with the alert. */
const WHILE_OPEN = ["not-signed-in", "not-acknowledged", "no-answer"];

/** Why it is no further, in the words of this language where it is one of the reasons that are known. @param {Row} row @param {Alert} alert */
function reason({ reason: text, unreached }, alert) {
  if (!unreached || !hasWords(`reason.${unreached}`)) return text;
  const said = words(`reason.${unreached}`);
  return WHILE_OPEN.includes(unreached) && alert.status !== "in-force" ? words("reason.until-over", { reason: said }) : said;
}

/** A choice in the language of whoever reads. @param {Alert} alert @param {string} choice */
const choiceIn = (alert, choice) => wording(alert, language.value).choices[alert.choices.indexOf(choice)] ?? choice;

/** @param {Row} row */
const address = (row) => row.recipient.slice(row.recipient.indexOf(":") + 1);

/** @param {Row} row */
const last = (row) => row.confirmation?.at ?? row.seen_at ?? row.delivered_at ?? "";
