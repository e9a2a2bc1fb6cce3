// What is done when somebody has signed in: what this browser kept comes back, and the lists are asked for.
import { effect } from "@preact/signals";
import { loadBoxes } from "./boxes.js";
import { loadConversations } from "./conversations.js";
import { loadRooms } from "./rooms.js";
import { restoreOutbox } from "./outbox.js";
import { restoreOwn } from "./own.js";
import { loadPeople } from "./people.js";
import { session, standing } from "./session.js";
import { toastProblem } from "./toasts.js";
import "./notifications.js";

let begunFor = "";

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
  for (const load of [loadPeople, loadConversations, loadRooms]) load().catch(toastProblem);
}
