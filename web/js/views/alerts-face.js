// What an alert looks like, wherever it is shown: in the dialog, among one's alerts, in the preview of the console.
import { useEffect, useState } from "preact/hooks";
import { html } from "../html.js";
import { language, locale, words } from "../words.js";
import { ago, full } from "../times.js";
import { wording } from "../api/alerts.js";
import { now } from "../api/clock.js";
import { displayName } from "../store/people.js";
import { Icon } from "../parts/icon.js";
import { RichText } from "../parts/rich-text.js";
import { Files, isSafe } from "./alerts-files.js";
import { Level } from "./alerts-level.js";

/** @typedef {import("../api/alerts.js").Alert} Alert */

/**
 * @param {{alert: Alert, spoken?: string, onSpoken?: (language: string) => void, titleId?: string, textId?: string,
 *   count?: any, live?: boolean, heading?: string}} properties
 * `spoken`: the language to show; `live`: whether the time that is left runs
 */
export function AlertFace({ alert, spoken = language.value, onSpoken, titleId, textId, count, live = false, heading: Heading = "h2" }) {
  const said = wording(alert, spoken);
  const tags = [...new Set([alert.language, ...Object.keys(alert.translations ?? {})].filter(Boolean))];
  return html`<div class=${`alert-face ${alert.severity}`}>
    <div class="alert-band"></div>
    <div class="alert-inside">
      <div class="alert-top"><${Level} level=${alert.severity} size=${20} />
        ${alert.drill && html`<span class="alert-mark">${words("alert.drill")}</span>`}
        ${alert.test && html`<span class="alert-mark">${words("alert.test")}</span>`}
        <span class="grow"></span>${count}</div>
      <${Heading} id=${titleId} class="alert-headline" tabindex="-1" lang=${said.language}><bdi>${said.headline}</bdi><//>
      ${said.text && html`<div id=${textId} class="alert-text" lang=${said.language}><${RichText} text=${said.text} /></div>`}
      ${alert.link && isSafe(alert.link) && html`<p><a class="alert-link" href=${alert.link} target="_blank" rel="noopener noreferrer"><${Icon} name="external-link" size=${16} /><span dir="ltr">${alert.link}</span></a></p>`}
      <${Files} those=${alert.attachments ?? []} />
      ${onSpoken && tags.length > 1 && html`<div class="alert-languages" role="group" aria-label=${words("alert.languages")}>
        ${tags.map((tag) => html`<button key=${tag} type="button" class=${`chip ${same(tag, said.language) ? "chosen" : ""}`} aria-pressed=${same(tag, said.language)} lang=${tag} onClick=${() => onSpoken(String(tag).slice(0, 2))}>${languageName(String(tag))}</button>`)}
      </div>`}
      <div class="alert-facts small muted">
        <span class="row"><${Icon} name="badge-check" size=${16} class="verified" /><span><span class="unseen">${words("alert.verified")} </span><bdi title=${alert.issuer}>${displayName(alert.issuer)}</bdi></span></span>
        <time datetime=${alert.effective_at} title=${full(Date.parse(alert.effective_at))}>${ago(Date.parse(alert.effective_at))}</time>
        <${TimeLeft} alert=${alert} live=${live} />
      </div>
    </div>
  </div>`;
}

/** Until when it holds, counted down near the end. @param {{alert: Alert, live: boolean}} properties */
export function TimeLeft({ alert, live }) {
  const [, tick] = useState(0);
  const ends = alert.expires_at ? Date.parse(alert.expires_at) : 0;
  const left = ends - now();
  const isNear = left < 120_000;
  useEffect(() => {
    if (!live || !ends) return;
    const timer = setInterval(() => tick((count) => count + 1), isNear ? 1000 : 15_000);
    return () => clearInterval(timer);
  }, [live, ends, isNear]);
  if (!ends) return null;
  if (left <= 0) return html`<span class="figures">${words("alert.over")}</span>`;
  return html`<span class="row figures" title=${full(ends)}><${Icon} name="clock" size=${16} />${words("alert.left", { time: span(left / 1000) })}</span>`;
}

/** A span of time in words: 12 minutes. @param {number} seconds */
export function span(seconds) {
  const unit = (/** @type {number} */ value, /** @type {string} */ name) =>
    new Intl.NumberFormat(locale.value, { style: "unit", unit: name, unitDisplay: "long", maximumFractionDigits: 0 }).format(value);
  if (seconds < 60) return unit(Math.max(0, Math.round(seconds)), "second");
  if (seconds < 5400) return unit(Math.round(seconds / 60), "minute");
  if (seconds < 36 * 3600) {
    const hours = Math.floor(seconds / 3600);
    const minutes = Math.round((seconds % 3600) / 60);
    return minutes && minutes < 60 && hours < 6 ? `${unit(hours, "hour")} ${unit(minutes, "minute")}` : unit(Math.round(seconds / 3600), "hour");
  }
  return unit(Math.round(seconds / 86_400), "day");
}

/** A language by its own name. @param {string} tag */
export function languageName(tag) {
  try {
    const name = new Intl.DisplayNames([tag], { type: "language" }).of(tag) ?? tag;
    return name.charAt(0).toLocaleUpperCase(tag) + name.slice(1);
  } catch {
    return tag;
  }
}

/** @param {string | null} one @param {string | undefined} other */
const same = (one, other) => String(one).slice(0, 2) === String(other).slice(0, 2);
