// One stacked bar: how many recipients have come how far. The parts are buttons where the table can be filtered by them.
import { html } from "../../html.js";
import { words } from "../../words.js";

/** @typedef {import("../../api/console-alerts.js").Counts} Counts */
/** @typedef {"confirmed" | "late" | "seen" | "delivered" | "pending"} Stage */

/** Furthest first. @type {Stage[]} */
export const stages = ["confirmed", "late", "seen", "delivered", "pending"];

/** How many stand where, each at one place: who confirmed late is not among those who confirmed in time. @param {Counts} counts @param {Stage} stage */
export function countOf(counts, stage) {
  const late = counts.late ?? 0;
  return stage === "late" ? late : stage === "confirmed" ? counts.confirmed - late : counts[stage];
}

/** Where a recipient stands. @param {import("../../api/console-alerts.js").Row} row @returns {Stage} */
export const stageOf = (row) => (row.late ? "late" : row.stage);

/** @param {{counts: Counts | null, chosen?: string, onChoose?: (stage: Stage | "") => void}} properties */
export function Bar({ counts, chosen = "", onChoose }) {
  const all = counts?.recipients ?? 0;
  const said = counts ? stages.map((stage) => `${words(`stage.word.${stage}`)}: ${countOf(counts, stage)}`).join(", ") : words("waiting");
  return html`<div class=${`bar ${onChoose ? "tall" : ""}`} role=${onChoose ? "group" : "img"} aria-label=${said}>
    ${counts && stages.map((stage) => countOf(counts, stage) > 0 && (onChoose
      ? html`<button key=${stage} type="button" class=${`bar-part ${stage} ${chosen && chosen !== stage ? "faint" : ""}`} style=${{ flexGrow: countOf(counts, stage) / all }} aria-pressed=${chosen === stage}
          aria-label=${`${words(`stage.word.${stage}`)}: ${countOf(counts, stage)}`} title=${`${words(`stage.word.${stage}`)}: ${countOf(counts, stage)}`} onClick=${() => onChoose(chosen === stage ? "" : stage)}></button>`
      : html`<span key=${stage} class=${`bar-part ${stage}`} style=${{ flexGrow: countOf(counts, stage) / all }}></span>`))}
  </div>`;
}

/** @param {{counts: Counts, chosen: string, onChoose: (stage: Stage | "") => void}} properties */
export function Legend({ counts, chosen, onChoose }) {
  return html`<div class="legend" role="group" aria-label=${words("board.filter")}>${stages.filter((stage) => stage !== "late" || counts.late).map((stage) => html`<button key=${stage} type="button" class=${`chip ${chosen === stage ? "chosen" : ""}`} aria-pressed=${chosen === stage} onClick=${() => onChoose(chosen === stage ? "" : stage)}>
    <span class=${`dot ${stage}`}></span><span>${words(`stage.word.${stage}`)}</span><strong class="figures">${countOf(counts, stage)}</strong></button>`)}</div>`;
}
