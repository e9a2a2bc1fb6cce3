// The board of an alert: one sentence, one bar, a curve, and who stands where; live as long as it is open.
import { useEffect, useRef, useState } from "preact/hooks";
import { html } from "../../html.js";
import { language, words } from "../../words.js";
import { ago, full, moment, short } from "../../times.js";
import { go } from "../../router.js";
import { wording } from "../../api/alerts.js";
import * as api from "../../api/console-alerts.js";
import { session } from "../../store/session.js";
import { displayName } from "../../store/people.js";
import { explain, toast, toastProblem } from "../../store/toasts.js";
import { Button } from "../../parts/button.js";
import { Icon } from "../../parts/icon.js";
import { Menu } from "../../parts/menu.js";
import { Waiting } from "../../parts/waiting.js";
import { AlertFace, span, TimeLeft } from "../alerts-face.js";
import { Level } from "../alerts-level.js";
import { audienceInWords } from "./audience-words.js";
import { Bar, Legend } from "./board-bar.js";
import { Curve } from "./board-curve.js";
import { Answers, Recipients } from "./board-table.js";
import { may, mayChange } from "./may.js";
import { Marks } from "./overview.js";
import { Ask, Failed, Page, saveFile } from "./page.js";

/** @typedef {import("../../api/console-alerts.js").Row} Row */
/** @typedef {import("../../api/console-alerts.js").Counts} Counts */
/** @typedef {import("../../api/alerts.js").Alert} Alert */

/** Rows are asked for again at once when counts change, and at most this often; less often where they are many. */
const REST = 300;
const REST_OF_MANY = 1500;
const MANY = 500;

/** @param {{parts: string[]}} properties */
export function Board({ parts: [id] }) {
  const { report, problem, reload } = useReport(id);
  const [stage, setStage] = useState("");
  const [asked, setAsked] = useState("");
  const up = "/console/overview";
  if (problem) return html`<${Page} title=${words("alert")} up=${up}><${Failed} text=${problem} onAgain=${reload} /><//>`;
  if (!report) return html`<${Page} title=${words("alert")} up=${up}><${Waiting} /><//>`;
  const { alert, counts, rows } = report;
  const mayPublish = may("publish");
  const runs = alert.status === "in-force";
  const missing = rows.filter((row) => row.stage !== "confirmed" && row.recipient.startsWith("user:"));
  const mine = mayChange(alert.issuer);
  const canEnd = mine && ["in-force", "planned", "waiting"].includes(alert.status);
  const entries = [
    { label: words("board.export"), icon: "download", act: () => exportTable(alert).catch(toastProblem) },
    mine && { label: words("board.correct"), icon: "pencil", act: () => go(`/console/new/update/${id}`) },
    mayPublish && { label: words("board.copy"), icon: "copy", act: () => go(`/console/new/copy/${id}`) },
  ];
  const actions = html`${mine && runs && alert.must_confirm && missing.length > 0 && html`<${Button} icon="repeat" class="wide-only" onClick=${() => setAsked("again")}>${words("board.again", { count: missing.length })}<//>`}
    ${canEnd && html`<${Button} kind="danger" icon="undo-2" onClick=${() => setAsked("cancel")}>${words("board.cancel")}<//>`}
    <${Menu} label=${words("board.more")} entries=${entries} />`;

  return html`<${Page} title=${words("alert")} actions=${actions} up=${up} width="wide">
    <section class=${`board-head alert-face ${alert.severity}`}>
      <div class="row wrap"><${Level} level=${alert.severity} size=${20} announcement=${alert.kind === "announcement"} /><${Marks} alert=${alert} /><span class="alert-mark">${words(`status.${alert.status}`)}</span></div>
      <h2 class="board-title"><bdi>${wording(alert, language.value).headline}</bdi></h2>
      <p class="small muted board-facts"><span>${words("overview.to", { audience: audienceInWords(alert.audience) })}</span><span class="row"><${Icon} name="badge-check" size=${16} /><bdi title=${alert.issuer}>${displayName(alert.issuer)}</bdi></span>
        <time title=${full(Date.parse(alert.effective_at))}>${ago(Date.parse(alert.effective_at))}</time>${runs && html`<${TimeLeft} alert=${alert} live />`}${alert.answer_by && alert.must_confirm && html`<span title=${full(Date.parse(alert.answer_by))}>${words("board.answer-by", { time: short(Date.parse(alert.answer_by)) })}</span>`}</p>
    </section>
    ${alert.status === "waiting" && html`<${Release} alert=${alert} onDone=${reload} />`}
    ${alert.state.by && alert.status === "cancelled" && html`<p class="note">${words("board.cancelled-by", { who: alert.state.by, when: ago(Date.parse(alert.state.at ?? "")) })}</p>`}
    ${alert.status === "superseded" && alert.state.by && html`<p class="note"><a href=${`/console/alert/${alert.state.by}`}>${words("board.superseded")}</a></p>`}
    <section class="console-panel board-counts">
      <p class="board-sentence" role="status">${sentence(alert, counts)}</p>
      <${Bar} counts=${counts} chosen=${stage} onChoose=${setStage} />
      <${Legend} counts=${counts} chosen=${stage} onChoose=${setStage} />
    </section>
    ${counts.recipients > 0 && html`<div class="board-two">
      <section class="console-panel grow"><h3>${words(alert.must_confirm ? "curve.title" : "curve.title-seen")}</h3><${Curve} alert=${alert} rows=${rows} all=${counts.recipients} /></section>
      <${Answers} alert=${alert} rows=${rows} />
    </div>`}
    ${alert.escalation.length > 0 && html`<${Steps} alert=${alert} />`}
    ${mine && runs && alert.must_confirm && missing.length > 0 && html`<div class="narrow-only"><${Button} icon="repeat" wide onClick=${() => setAsked("again")}>${words("board.again", { count: missing.length })}<//></div>`}
    <${Recipients} alert=${alert} rows=${rows} stage=${stage} onStage=${setStage} complete=${report.complete} />
    <details class="board-words"><summary>${words("board.words")}</summary><div class="alert-card"><${Words} alert=${alert} /></div></details>
    ${asked === "cancel" && html`<${Ask} danger title=${words("board.cancel-title")} text=${words("board.cancel-text", { count: counts.recipients - counts.pending })} submit=${words("board.cancel")} onClose=${() => setAsked("")} act=${async () => { await api.cancel(id); await reload(); }} />`}
    ${asked === "again" && html`<${Ask} title=${words("board.again-title", { count: missing.length })} text=${words("board.again-text")} submit=${words("board.again", { count: missing.length })} onClose=${() => setAsked("")} act=${async () => {
      await api.sayAgain(id);
      toast(words("board.again-done", { count: missing.length }));
    }} />`}
  <//>`;
}

/** @param {{alert: Alert}} properties */
function Words({ alert }) {
  const [spoken, setSpoken] = useState(language.value);
  return html`<${AlertFace} alert=${alert} spoken=${spoken} onSpoken=${setSpoken} heading="h3" />`;
}

/** Why it waits, and letting it go. @param {{alert: Alert, onDone: () => void}} properties */
export function Release({ alert, onDone }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const isMine = alert.issuer === session.value?.address;
  const release = async () => {
    setBusy(true);
    try {
      await api.release(alert.id);
      toast(words("release.done"));
      onDone();
    } catch (error) {
      setProblem(explain(error));
    }
    setBusy(false);
  };
  return html`<section class="console-panel release"><${Icon} name="list-checks" size=${24} />
    <div class="grow"><h3>${words("release.title")}</h3><p class="small muted">${words(isMine ? "release.mine" : "release.other", { who: alert.issuer })}</p>${problem && html`<p class="hint problem" role="alert">${problem}</p>`}</div>
    ${!isMine && may("publish") && html`<${Button} kind="primary" busy=${busy} onClick=${release}>${words("release.submit")}<//>`}</section>`;
}

/** Who else was or will be told, and when. @param {{alert: Alert}} properties */
function Steps({ alert }) {
  const begins = Date.parse(alert.progress.started_at ?? alert.effective_at);
  return html`<section class="console-panel"><h3>${words("escalation.title")}</h3><ol class="steps">${alert.escalation.map((level, index) => {
    const done = alert.progress.levels?.[index];
    return html`<li key=${index} class="row"><${Icon} name=${done === undefined ? "clock" : done ? "trending-up" : "circle-check"} size=${18} />
      <span>${words("escalation.level", { time: span(level.after_seconds), fewer: level.fewer_than, audience: audienceInWords(level.audience) })}
        <span class="muted" title=${full(begins + level.after_seconds * 1000)}> ${words(done === undefined ? "escalation.ahead" : done ? "escalation.told" : "escalation.not-needed", { time: moment(begins + level.after_seconds * 1000) })}</span></span></li>`;
  })}</ol></section>`;
}

/** 143 of 160 confirmed, 3 of them late, 9 saw it, 5 not reached. @param {Alert} alert @param {Counts} counts */
function sentence(alert, counts) {
  if (!counts.recipients) return words(alert.status === "in-force" ? "board.nobody" : "board.not-yet");
  const parts = [words(alert.must_confirm ? "board.confirmed" : "board.confirmed-none", { count: counts.confirmed, all: counts.recipients })];
  if (counts.late) parts.push(words("board.late", { count: counts.late }));
  if (counts.seen) parts.push(words("board.seen", { count: counts.seen }));
  if (counts.delivered) parts.push(words("board.delivered", { count: counts.delivered }));
  if (counts.pending) parts.push(words("board.pending", { count: counts.pending }));
  return `${parts.filter(Boolean).join(", ")}.`;
}

/** @param {Alert} alert */
async function exportTable(alert) {
  const day = alert.effective_at.slice(0, 10);
  saveFile(await api.reportTable(alert.id), `${day} ${alert.headline.replace(/[^\p{L}\p{N} -]+/gu, "").slice(0, 60).trim()}.csv`);
}

/**
 * The report, kept up to date: counts as the stream tells them, rows soon after.
 * @param {string} id
 */
function useReport(id) {
  const [report, setReport] = useState(/** @type {{alert: Alert, counts: Counts, rows: Row[], complete: boolean} | null} */ (null));
  const [problem, setProblem] = useState("");
  const timer = useRef(0);
  const asked = useRef(0);
  const rest = useRef(REST);
  const isLive = useRef(true);
  const reload = async () => {
    clearTimeout(timer.current);
    timer.current = 0;
    asked.current = Date.now();
    try {
      const loaded = await api.report(id);
      if (!isLive.current) return;
      rest.current = loaded.rows.length > MANY ? REST_OF_MANY : REST;
      setReport(loaded);
      setProblem("");
    } catch (error) {
      if (isLive.current) setProblem(explain(error));
    }
  };
  useEffect(() => {
    isLive.current = true;
    reload();
    const stop = api.watch(id, ({ status, counts }) => {
      setReport((now) => now && { ...now, counts, alert: { ...now.alert, status } });
      timer.current ||= setTimeout(reload, Math.max(0, asked.current + rest.current - Date.now()));
    });
    return () => {
      isLive.current = false;
      clearTimeout(timer.current);
      stop();
    };
  }, [id]);
  return { report, problem, reload };
}
