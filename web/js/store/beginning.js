// What is done when somebody has signed in: what this browser kept comes back, and the lists are asked for.
import { effect } from "@preact/signals";
import { on } from "../api/events.js";
import { loadAlerts, restoreAlerts } from "./alerts.js";
import { loadPast } from "./alerts-past.js";
import { loadBoxes } from "./boxes.js";
import { beginConversations } from "./catching-up.js";
import { restoreNotices } from "./notices.js";
import { loadRooms } from "./rooms.js";
import { restoreOutbox } from "./outbox.js";
import { restoreOwn } from "./own.js";
import { loadPeople } from "./people.js";
import { session, standing } from "./session.js";
import { toastProblem } from "./toasts.js";
import "./notifications.js";

let begunFor = "";
let isFirstStream = true;

effect(() => {
  const address = standing.value === "signed-in" && session.value && !session.value.must_change_password ? session.value.address : "";
  if (address === begunFor) return;
  begunFor = address;
  if (address) queueMicrotask(begin);
});

function begin() {
  restoreOwn();
  restoreOutbox();
  loadBoxes();
  restoreAlerts();
  for (const load of [loadPeople, beginConversations, loadRooms, restoreNotices, loadAlerts, loadPast]) insist(load);
  isFirstStream = true;
}

on("ready", ({ resumed }) => {
  // Of a new stream nobody knows what was missed before it.
  if (!resumed && !isFirstStream) for (const load of [loadPeople, loadRooms]) insist(load);
  isFirstStream = false;
});

/** Asks until there is an answer: a service that is only just back may not have one. @param {() => Promise<any>} load @param {number} [wait] */
async function insist(load, wait = 1000) {
  try {
    await load();
  } catch (problem) {
    const { status } = /** @type {any} */ (problem);
    if (status >= 400 && status < 500 && status !== 429) return toastProblem(problem);
    setTimeout(() => begunFor && insist(load, Math.min(30_000, 2 * wait)), wait);
  }
}
