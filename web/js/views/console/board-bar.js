// One stacked bar: how many recipients have come how far. The parts are buttons where the table can be filtered by them.
import { html } from "../../html.js";
import { words } from "../../words.js";

/** @typedef {import("../../api/console-alerts.js").Counts} Counts */
/** @typedef {"confirmed" | "seen" | "delivered" | "pending"} Stage */

/** Furthest first. @type {Stage[]} */
export const stages = ["confirmed", "seen", "delivered", "pending"];

/** @param {{counts: Counts | null, chosen?: string, onChoose?: (stage: Stage | "") => void}} properties */
export function Bar({ counts, chosen = "", onChoose }) {
  const all = counts?.recipients ?? 0;
  const said = counts ? stages.map((stage) => `${words(`stage.word.${stage}`)}: ${counts[stage]}`).join(", ") : words("waiting");
  return html`<div class=${`bar ${onChoose ? "tall" : ""}`} role=${onChoose ? "group" : "img"} aria-label=${said}>
    ${counts && stages.map((stage) => counts[stage] > 0 && (onChoose
      ? html`<button key=${stage} type="button" class=${`bar-part ${stage} ${chosen && chosen !== stage ? "faint" : ""}`} style=${{ flexGrow: counts[stage] / all }} aria-pressed=${chosen === stage}
          aria-label=${`${words(`stage.word.${stage}`)}: ${counts[stage]}`} title=${`${words(`stage.word.${stage}`)}: ${counts[stage]}`} onClick=${() => onChoose(chosen === stage ? "" : stage)}></button>`
      : html`<span key=${stage} class=${`bar-part ${stage}`} style=${{ flexGrow: counts[stage] / all }}></span>`))}
  </div>`;
}

/** @param {{counts: Counts, chosen: string, onChoose: (stage: Stage | "") => void}} properties */
export function Legend({ counts, chosen, onChoose }) {
  return html`<div class="legend" role="group" aria-label=${words("board.filter")}>${stages.map((stage) => html`<button key=${stage} type="button" class=${`chip ${chosen === stage ? "chosen" : ""}`} aria-pressed=${chosen === stage} onClick=${() => onChoose(chosen === stage ? "" : stage)}>
    <span class=${`dot ${stage}`}></span><span>${words(`stage.word.${stage}`)}</span><strong class="figures">${counts[stage]}</strong></button>`)}</div>`;
}
