// An icon. It says nothing to those who cannot see it: what it means stands beside it in words.
import { h } from "preact";
import { shapes } from "../../icons/lucide.js";

/** @param {{name: string, size?: number, class?: string}} properties */
export function Icon({ name, size = 20, class: more = "" }) {
  return h(
    "svg",
    {
      class: `icon ${more}`, width: size, height: size, viewBox: "0 0 24 24", fill: "none", stroke: "currentColor",
      "stroke-width": size >= 24 ? 1.5 : 1.75, "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true",
    },
    (shapes[name] ?? []).map(([tag, attributes]) => h(tag, attributes)),
  );
}
