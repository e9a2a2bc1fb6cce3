// What time it is: by the service's clock, because this machine's may be wrong by hours.
import { signal } from "@preact/signals";

/** By how much the service's clock is ahead of this machine's, in milliseconds. */
const ahead = signal(0);

/** Answers take a moment to come and tell whole seconds, and clocks differ by that anyway. */
const TOLERANCE = 5000;

export const now = () => Date.now() + ahead.value;

/** Takes the time from an answer of the service. @param {string | null} date @param {number} asked when it was asked, by `performance.now()` */
export function hearTime(date, asked) {
  // What took long says what time it was then.
  if (performance.now() - asked > TOLERANCE) return;
  const difference = Date.parse(date ?? "") - Date.now();
  if (Number.isNaN(difference)) return;
  const wanted = Math.abs(difference) > TOLERANCE ? difference : 0;
  if (Math.abs(wanted - ahead.peek()) > TOLERANCE || wanted === 0) ahead.value = wanted;
}
