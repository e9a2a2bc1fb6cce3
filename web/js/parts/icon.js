// An icon. It says nothing to those who cannot see it: what it means stands beside it in words.
import { h } from "preact";
import { shapes } from "../../icons/lucide.js";

/** Icons that point: they point the other way where people read the other way. */
const POINTING = new Set(["arrow-left", "chevron-left", "chevron-right", "send-horizontal", "send", "reply", "log-out", "panel-right", "undo-2"]);

/** @param {{name: string, size?: number, class?: string}} properties */
export function Icon({ name, size = 20, class: more = "" }) {
  return h(
    "svg",
    {
      class: `icon ${POINTING.has(name) ? "points" : ""} ${more}`, width: size, height: size, viewBox: "0 0 24 24", fill: "none", stroke: "currentColor",
      "stroke-width": size >= 24 ? 1.5 : 1.75, "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true",
    },
    (shapes[name] ?? []).map(([tag, attributes]) => h(tag, attributes)),
  );
}
