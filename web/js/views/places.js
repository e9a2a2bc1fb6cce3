// What the frame shows of each place without knowing it: counts on the rail, and what lies over every view.
import { signal } from "@preact/signals";

/** Counts on the rail; the stores of the places set them. `show` is the person's own presence. */
export const badges = {
  chats: signal(0),
  alerts: signal(0),
  notices: signal(0),
  show: signal(/** @type {string | null} */ (null)),
};

/**
 * Components over every view, whatever it is: dialogs of alerts, message boxes. A place adds its own by
 * {@link addOverlay} when its module is loaded.
 * @type {(() => any)[]}
 */
export const overlays = [];

/** @param {() => any} overlay */
export const addOverlay = (overlay) => void overlays.push(overlay);
