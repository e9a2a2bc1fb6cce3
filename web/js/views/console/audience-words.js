// An audience in words, and the builder's parts to and from the expression that the service knows.
import { words } from "../../words.js";

/** @typedef {{kind: "everyone" | "group" | "user" | "computer" | "address", name: string}} Target */
/** @typedef {{include: Target[], exclude: Target[]}} Parts */

const KINDS = ["group", "user", "computer", "address"];

/** What the service understands. @param {Parts} parts */
export function expression({ include, exclude }) {
  const list = (/** @type {Target[]} */ those) => those.map(text).join(",");
  if (!include.length) return "";
  if (!exclude.length) return list(include);
  const wrap = (/** @type {Target[]} */ those) => (those.length > 1 ? `(${list(those)})` : list(those));
  return `${wrap(include)}!${wrap(exclude)}`;
}

/** The parts of an expression; null where the builder cannot show it. @param {string} expression @returns {Parts | null} */
export function parts(expression) {
  const text = expression.trim();
  if (!text) return { include: [], exclude: [] };
  if (/[&]/.test(text)) return null;
  const [first, second, third] = split(text);
  if (third !== undefined) return null;
  const include = targets(first);
  const exclude = second === undefined ? [] : targets(second);
  // Without parentheses, what is left out belongs to the last part only.
  if (!include || !exclude || (second !== undefined && include.length > 1 && !first.trim().startsWith("("))) return null;
  return { include, exclude };
}

/** An audience as people say it. @param {string} expression */
export function audienceInWords(expression) {
  const those = parts(expression);
  if (!those) return expression;
  const list = (/** @type {Target[]} */ targets) => {
    const shown = targets.slice(0, 4).map(inWords).join(", ");
    return targets.length > 4 ? words("audience.and-more", { shown, count: targets.length - 4 }) : shown;
  };
  return those.exclude.length ? words("audience.but", { include: list(those.include), exclude: list(those.exclude) }) : list(those.include);
}

/** @param {Target} target */
export function inWords({ kind, name }) {
  return kind === "everyone" ? words("audience.everyone") : words(`audience.${kind}`, { name: kind === "user" ? name.split("@")[0] : name });
}

/** @param {Target} target */
export const text = ({ kind, name }) => (kind === "everyone" ? "everyone" : `${kind}:${name}`);

/** @param {string} expression */
const split = (expression) => expression.split(/!|\s-\s/);

/** @param {string} list @returns {Target[] | null} */
function targets(list) {
  const inner = list.trim().replace(/^\(([^()]*)\)$/, "$1");
  if (/[()]/.test(inner)) return null;
  return inner.split(",").map((one) => {
    const word = one.trim();
    if (word === "everyone") return { kind: "everyone", name: "" };
    const colon = word.indexOf(":");
    const kind = word.slice(0, colon);
    return KINDS.includes(kind) ? { kind: /** @type {Target["kind"]} */ (kind), name: word.slice(colon + 1) } : { kind: "user", name: word };
  });
}
