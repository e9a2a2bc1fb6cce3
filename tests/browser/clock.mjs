// The time of day in pictures: what the service said at some moment of the test happened at the moment of the story
// that was current then, and in the browser no time passes.

const moments = [];
let planning;

/** From now on it is this time of the story; each is later than the one before. */
export function at(time) {
  moments.push([Date.now(), Date.parse(time)]);
}

/** What is planned now, as the end of an alert, lies as far after this time of the story as it really does. */
export function planNow() {
  planning = moments.at(-1);
}

/** Pages of this context tell the time of the story, and stay at its last moment. */
export async function tellTheStorysTime(context) {
  await context.addInitScript(standStill, { moments, planning });
}

/** In the page: times in texts, which come from the service, are moved into the story. */
function standStill({ moments, planning }) {
  const FIVE_MINUTES = 300_000;
  const DAY = 86_400_000;
  const Real = Date;
  const now = moments.at(-1)[1];
  const told = (time) => {
    // What is older than the test is of the story already.
    if (!(time > moments[0][0] - DAY)) return time;
    // No test takes as long.
    const isAhead = time > moments.at(-1)[0] + FIVE_MINUTES;
    const [began, is] = (isAhead && planning) || moments.findLast(([began]) => began <= time) || moments[0];
    return is + Math.round(Math.max(0, time - began) / FIVE_MINUTES) * FIVE_MINUTES;
  };
  class Told extends Real {
    constructor(...given) {
      if (given.length === 0) super(now);
      else if (given.length === 1 && typeof given[0] === "string") super(told(Real.parse(given[0])));
      else super(...given);
    }
    static now() {
      return now;
    }
    static parse(text) {
      return told(Real.parse(text));
    }
  }
  globalThis.Date = Told;
}
