// Times as people say them: relative for a day, then absolute; the full time on hover.
import { now } from "./api/clock.js";
import { locale, words } from "./words.js";

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/** @param {Intl.DateTimeFormatOptions} options */
function format(options) {
  const key = locale.value + JSON.stringify(options);
  const made = formats.get(key) ?? new Intl.DateTimeFormat(locale.value, options);
  formats.set(key, made);
  return made;
}

/** 14:05. @param {number} at */
export const clock = (at) => format({ hour: "2-digit", minute: "2-digit" }).format(at);

/** 14:05:09. @param {number} at */
export const exactClock = (at) => format({ hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(at);

/** All of it, for hovering. @param {number} at */
export const full = (at) => format({ dateStyle: "full", timeStyle: "medium" }).format(at);

/** In lists: the clock today, then the weekday for a week, then the date. @param {number} at */
export function short(at) {
  const days = daysAgo(at);
  if (days <= 0) return clock(at);
  if (days === 1) return words("time.yesterday");
  if (days < 7) return format({ weekday: "short" }).format(at);
  return format({ day: "numeric", month: "short", ...(isThisYear(at) ? {} : { year: "numeric" }) }).format(at);
}

/** Over the messages of a day. @param {number} at */
export function day(at) {
  const days = daysAgo(at);
  if (days === 0) return words("time.today");
  if (days === 1) return words("time.yesterday");
  return format({ weekday: "long", day: "numeric", month: "long", ...(isThisYear(at) ? {} : { year: "numeric" }) }).format(at);
}

/** How long ago, for a day; then the date and the time. @param {number} at */
export function ago(at) {
  const seconds = Math.round((at - now()) / 1000);
  const relative = new Intl.RelativeTimeFormat(locale.value, { numeric: "auto" });
  if (Math.abs(seconds) < 45) return words("time.now");
  if (Math.abs(seconds) < 3600) return relative.format(Math.round(seconds / 60), "minute");
  if (Math.abs(seconds) < 86_400) return relative.format(Math.round(seconds / 3600), "hour");
  return format({ dateStyle: "medium", timeStyle: "short" }).format(at);
}

/** The clock today, otherwise the date as well. @param {number} at */
export const moment = (at) => (daysAgo(at) === 0 ? clock(at) : format({ dateStyle: "medium", timeStyle: "short" }).format(at));

/** Whether two times are of one day here. @param {number} one @param {number} other */
export const isSameDay = (one, other) => new Date(one).toDateString() === new Date(other).toDateString();

/** 1.4 MB. @param {number} bytes */
export function size(bytes) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
  const power = Math.min(3, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return new Intl.NumberFormat(locale.value, { style: "unit", unit: units[power], unitDisplay: power ? "short" : "long", maximumFractionDigits: power > 1 ? 1 : 0 }).format(bytes / 1000 ** power);
}

/** @param {number} at */
function daysAgo(at) {
  const start = (/** @type {number} */ time) => new Date(time).setHours(0, 0, 0, 0);
  return Math.round((start(now()) - start(at)) / 86_400_000);
}

/** @param {number} at */
const isThisYear = (at) => new Date(at).getFullYear() === new Date(now()).getFullYear();
