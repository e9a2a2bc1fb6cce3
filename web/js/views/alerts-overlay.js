// The dialog of an alert lies over every view. It is loaded soon after the first picture, and at once when an alert is there.
import { html } from "../html.js";
import { queue } from "../store/alerts.js";
import { lazy, nothing } from "../parts/lazy.js";
import { addOverlay } from "./places.js";

const AlertQueue = lazy(() => import("./alerts-dialog.js"), "AlertQueue", { waiting: nothing, soon: true, insist: true });

addOverlay(() => queue.value.length > 0 && html`<${AlertQueue} />`);

/** When somebody last pressed a key in a field. */
export const typing = { last: 0 };

addEventListener("keydown", (event) => {
  if (event.target instanceof Element && event.target.matches("input, textarea, [contenteditable]")) typing.last = Date.now();
}, true);
