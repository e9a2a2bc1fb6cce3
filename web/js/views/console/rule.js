// Times that come again, chosen and said in words; the service knows them as recurrence rules (RFC 5545) or cron.
import { locale, words } from "../../words.js";

/** @typedef {{kind: "daily" | "weekly" | "monthly-day" | "monthly-weekday" | "own", days: string[], month: number, nth: number, time: string, text: string}} Rule */

export const weekdays = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

/** @param {Rule} rule */
export function ruleText(rule) {
  const [hour, minute] = rule.time.split(":").map(Number);
  const at = `BYHOUR=${hour};BYMINUTE=${minute}`;
  if (rule.kind === "daily") return `FREQ=DAILY;${at}`;
  if (rule.kind === "weekly") return `FREQ=WEEKLY;BYDAY=${weekdays.filter((day) => rule.days.includes(day)).join(",")};${at}`;
  if (rule.kind === "monthly-day") return `FREQ=MONTHLY;BYMONTHDAY=${rule.month};${at}`;
  if (rule.kind === "monthly-weekday") return `FREQ=MONTHLY;BYDAY=${rule.nth}${rule.days[0] ?? "MO"};${at}`;
  return rule.text.trim();
}

/** @param {string} text @returns {Rule} */
export function parseRule(text) {
  const parts = Object.fromEntries(text.split(";").map((part) => part.split("=")));
  const time = `${String(parts.BYHOUR ?? 12).padStart(2, "0")}:${String(parts.BYMINUTE ?? 0).padStart(2, "0")}`;
  /** @type {Rule} */
  const own = { kind: "own", days: ["MO"], month: 1, nth: 1, time, text };
  const rest = Object.keys(parts).filter((key) => !["FREQ", "BYDAY", "BYMONTHDAY", "BYHOUR", "BYMINUTE"].includes(key));
  if (!parts.FREQ || rest.length || /,/.test(`${parts.BYHOUR ?? ""}${parts.BYMINUTE ?? ""}`) || parts.BYHOUR === undefined) return own;
  if (parts.FREQ === "DAILY" && !parts.BYDAY && !parts.BYMONTHDAY) return { ...own, kind: "daily" };
  if (parts.FREQ === "WEEKLY" && /^[A-Z]{2}(,[A-Z]{2})*$/.test(parts.BYDAY ?? "")) return { ...own, kind: "weekly", days: parts.BYDAY.split(",") };
  if (parts.FREQ === "MONTHLY" && /^\d+$/.test(parts.BYMONTHDAY ?? "")) return { ...own, kind: "monthly-day", month: Number(parts.BYMONTHDAY) };
  const nth = /^(-?\d)([A-Z]{2})$/.exec(parts.BYDAY ?? "");
  if (parts.FREQ === "MONTHLY" && nth) return { ...own, kind: "monthly-weekday", nth: Number(nth[1]), days: [nth[2]] };
  return own;
}

/** When it comes, in words. @param {string} text */
export function ruleInWords(text) {
  const rule = parseRule(text);
  const days = weekdays.filter((day) => rule.days.includes(day));
  const time = rule.time;
  if (rule.kind === "daily") return words("rule.daily", { time });
  if (rule.kind === "weekly" && days.join() === "MO,TU,WE,TH,FR") return words("rule.workdays", { time });
  if (rule.kind === "weekly") return words("rule.weekly", { days: new Intl.ListFormat(locale.value).format(days.map((day) => dayName(day, "long"))), time });
  if (rule.kind === "monthly-day") return words("rule.monthly-day", { day: rule.month, time });
  if (rule.kind === "monthly-weekday") return words("rule.monthly-weekday", { nth: words(`rule.nth.${rule.nth}`), day: dayName(rule.days[0], "long"), time });
  return text;
}

/** @param {string} day @param {"long" | "short"} how */
export function dayName(day, how) {
  // The first of January 2024 was a Monday.
  return new Intl.DateTimeFormat(locale.value, { weekday: how, timeZone: "UTC" }).format(Date.UTC(2024, 0, 1 + weekdays.indexOf(day)));
}
