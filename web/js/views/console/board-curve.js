// The curve of confirmations over time, with the moment of each repetition and escalation.
import { useEffect, useRef, useState } from "preact/hooks";
import { html } from "../../html.js";
import { locale, words } from "../../words.js";
import { span } from "../alerts-face.js";
import { audienceInWords } from "./audience-words.js";

/** @typedef {import("../../api/alerts.js").Alert} Alert */

const HEIGHT = 200;
const PLACE = { top: 26, end: 12, bottom: 26, start: 46 };
/** More marks than these would be a fence. */
const MARKS = 40;

/** @param {{alert: Alert, rows: import("../../api/console-alerts.js").Row[], all: number}} properties */
export function Curve({ alert, rows, all }) {
  const [width, setWidth] = useState(560);
  const element = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.max(240, Math.round(entry.contentRect.width))));
    observer.observe(/** @type {HTMLElement} */ (element.current));
    return () => observer.disconnect();
  }, []);

  const begins = Date.parse(alert.progress.started_at ?? alert.effective_at);
  const at = (/** @type {any} */ row) => (alert.must_confirm ? row.confirmation?.at : row.seen_at);
  const times = rows.map(at).filter(Boolean).map(Date.parse).sort((one, other) => one - other);
  const over = alert.status === "in-force" ? Date.now() : Date.parse(alert.state.at ?? alert.expires_at ?? "") || Date.now();
  const last = Math.max(times.at(-1) ?? begins, Math.min(over, (times.at(-1) ?? begins) + 600_000), begins + 60_000);
  const x = (/** @type {number} */ time) => PLACE.start + ((time - begins) / (last - begins)) * (width - PLACE.start - PLACE.end);
  const y = (/** @type {number} */ count) => HEIGHT - PLACE.bottom - (count / Math.max(1, all)) * (HEIGHT - PLACE.top - PLACE.bottom);

  // Within a few minutes, seconds tell more.
  const format = new Intl.DateTimeFormat(locale.value, { hour: "2-digit", minute: "2-digit", ...(last - begins < 600_000 && { second: "2-digit" }) });
  const clock = (/** @type {number} */ time) => format.format(time);

  let path = `M${x(begins)} ${y(0)}`;
  times.forEach((time, index) => (path += `H${x(time).toFixed(1)}V${y(index + 1).toFixed(1)}`));
  path += `H${x(last).toFixed(1)}`;
  const area = `${path}V${y(0)}H${x(begins)}Z`;
  const marks = marksOf(alert, begins, clock).filter((mark) => mark.time <= last);
  const part = new Intl.NumberFormat(locale.value, { style: "percent" });
  const half = times.length >= all / 2 ? times[Math.ceil(all / 2) - 1] - begins : 0;

  return html`<div ref=${element} class="curve" dir="ltr"><svg width=${width} height=${HEIGHT} viewBox=${`0 0 ${width} ${HEIGHT}`} role="img" aria-label=${words("curve.label", { count: times.length, all })}>
      ${[0, 0.5, 1].map((share) => html`<g key=${share}><line class="curve-grid" x1=${PLACE.start} x2=${width - PLACE.end} y1=${y(share * all)} y2=${y(share * all)} /><text class="curve-text" x=${PLACE.start - 6} y=${y(share * all) + 4} text-anchor="end">${part.format(share)}</text></g>`)}
      ${marks.map((mark, index) => html`<g key=${index} class=${`curve-mark ${mark.kind}`}><title>${mark.label}</title><line x1=${x(mark.time)} x2=${x(mark.time)} y1=${PLACE.top - 8} y2=${y(0)} />
        ${mark.kind === "repeat" ? html`<circle cx=${x(mark.time)} cy=${PLACE.top - 12} r="4" />` : html`<path d=${`M${x(mark.time)} ${PLACE.top - 18}l6 10h-12z`} />`}</g>`)}
      <path class="curve-area" d=${area} /><path class="curve-line" d=${path} />
      ${[0, 0.5, 1].map((share) => html`<text key=${share} class="curve-text" x=${x(begins + share * (last - begins))} y=${HEIGHT - 8} text-anchor=${["start", "middle", "end"][share * 2]}>${clock(begins + share * (last - begins))}</text>`)}
    </svg></div>
    <p class="small muted row wrap curve-key">
      ${half > 0 && html`<span>${words("curve.half", { time: span(half / 1000) })}</span>`}
      ${marks.some((mark) => mark.kind === "repeat") && html`<span class="row"><svg width="10" height="10" class="curve-mark repeat" aria-hidden="true"><circle cx="5" cy="5" r="4" /></svg>${words("curve.repeat")}</span>`}
      ${marks.some((mark) => mark.kind === "step") && html`<span class="row"><svg width="12" height="10" class="curve-mark step" aria-hidden="true"><path d="M6 0l6 10h-12z" /></svg>${words("curve.escalation")}</span>`}
    </p>`;
}

/** @param {Alert} alert @param {number} begins @param {(time: number) => string} clock */
function marksOf(alert, begins, clock) {
  /** @type {{time: number, kind: "repeat" | "step", label: string}[]} */
  const marks = [];
  const every = (alert.repeat_seconds ?? 0) * 1000;
  for (let number = 1; every && number <= Math.min(alert.progress.repeats ?? 0, MARKS); number++) {
    marks.push({ time: begins + number * every, kind: "repeat", label: `${words("curve.repeat")}: ${clock(begins + number * every)}` });
  }
  alert.escalation.forEach((level, index) => {
    if (!alert.progress.levels?.[index]) return;
    const time = begins + level.after_seconds * 1000;
    marks.push({ time, kind: "step", label: `${words("curve.escalation")}: ${audienceInWords(level.audience)}, ${clock(time)}` });
  });
  return marks;
}
