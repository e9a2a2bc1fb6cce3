// CommonMark of announcements, as elements and never as markup: headings, lists, quotes, code, pictures of the service
// and links. What it does not know stays the text that it is.
import { h } from "preact";
import { ownPath } from "../views/alerts-files.js";

const OVERRIDES = /[\u202a-\u202e\u2066-\u2069]/g;
const INLINE = /(`+)([^`]|[^`][\s\S]*?[^`])\1(?!`)|(!?)\[([^\]]*)\]\(\s*<?([^\s)>]+)>?(?:\s+"[^"]*")?\s*\)|(\*\*|__)(?=\S)([\s\S]*?\S)\6|(\*|_)(?=\S)([\s\S]*?\S)\8(?!\w)|<?(https?:\/\/[^\s<>"']+)>?|\\([!-/:-@[-`{-~])|( {2,}|\\)\n/g;
const ITEM = /^( {0,3})([-*+]|\d{1,9}[.)])( +|$)(.*)$/;

/** @param {{text: string}} properties */
export function MarkedText({ text }) {
  return h("div", { class: "marked" }, blocks(text.replace(OVERRIDES, "").replace(/\r\n?/g, "\n").split("\n"), 0));
}

/** @param {string[]} lines @param {number} depth @returns {any[]} */
function blocks(lines, depth) {
  const out = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at];
    const fence = /^ {0,3}(```+|~~~+)/.exec(line);
    const heading = /^ {0,3}(#{1,6})\s+(.*?)\s*#*$/.exec(line);
    if (!line.trim()) at++;
    else if (fence) {
      const end = lines.findIndex((other, index) => index > at && other.trim().startsWith(fence[1]));
      const until = end < 0 ? lines.length : end;
      out.push(h("pre", null, h("code", null, lines.slice(at + 1, until).join("\n"))));
      at = until + 1;
    } else if (heading) {
      // The page has its own first headings.
      out.push(h(/** @type {any} */ (`h${Math.min(6, heading[1].length + 2)}`), null, inline(heading[2])));
      at++;
    } else if (/^ {0,3}([-*_])( *\1){2,} *$/.test(line)) {
      out.push(h("hr", null));
      at++;
    } else if (/^ {0,3}>/.test(line) && depth < 8) {
      const until = endOf(lines, at, (other) => /^ {0,3}>/.test(other));
      out.push(h("blockquote", null, blocks(lines.slice(at, until).map((other) => other.replace(/^ {0,3}> ?/, "")), depth + 1)));
      at = until;
    } else if (ITEM.test(line) && depth < 8) {
      const [list, until] = listFrom(lines, at, depth);
      out.push(list);
      at = until;
    } else {
      const until = Math.max(at + 1, endOf(lines, at, (other, index) => Boolean(other.trim()) && (index === at || !begins(other))));
      out.push(h("p", null, inline(lines.slice(at, until).map((other) => other.replace(/^ +/, "")).join("\n"))));
      at = until;
    }
  }
  return out;
}

/** @param {string[]} lines @param {number} at @param {number} depth @returns {[any, number]} */
function listFrom(lines, at, depth) {
  const first = /** @type {RegExpExecArray} */ (ITEM.exec(lines[at]));
  const isOrdered = /\d/.test(first[2]);
  const items = [];
  while (at < lines.length) {
    const item = ITEM.exec(lines[at]);
    if (!item || /\d/.test(item[2]) !== isOrdered) break;
    const indent = item[1].length + item[2].length + Math.max(1, item[3].length);
    const inside = [item[4]];
    at++;
    while (at < lines.length && (lines[at].startsWith(" ".repeat(indent)) || (!lines[at].trim() && (lines[at + 1] ?? "").startsWith(" ".repeat(indent))))) {
      inside.push(lines[at++].slice(indent));
    }
    while (at < lines.length && !lines[at].trim() && ITEM.test(lines[at + 1] ?? "")) at++;
    const parts = blocks(inside, depth + 1);
    // A single paragraph stands in the item without the distance of one.
    items.push(h("li", null, parts.length === 1 && parts[0].type === "p" ? parts[0].props.children : parts));
  }
  return [h(isOrdered ? "ol" : "ul", isOrdered ? { start: Number.parseInt(first[2], 10) } : null, items), at];
}

/** @param {string} line */
const begins = (line) => /^ {0,3}(#{1,6}\s|>|```|~~~)/.test(line) || ITEM.test(line);

/** @param {string[]} lines @param {number} at @param {(line: string, index: number) => boolean} belongs */
function endOf(lines, at, belongs) {
  let until = at;
  while (until < lines.length && belongs(lines[until], until)) until++;
  return until;
}

/** @param {string} text @returns {any[]} */
function inline(text) {
  const out = [];
  let at = 0;
  for (const match of text.matchAll(INLINE)) {
    out.push(text.slice(at, match.index));
    at = match.index + match[0].length;
    const [whole, , code, isPicture, label, address, , strong, , stressed, url, escaped] = match;
    if (code !== undefined) out.push(h("code", null, code));
    else if (address !== undefined) out.push(isPicture ? picture(label, address) : link(label, address));
    else if (strong !== undefined) out.push(h("strong", null, inline(strong)));
    else if (stressed !== undefined) out.push(h("em", null, inline(stressed)));
    else if (url !== undefined) out.push(bareLink(url));
    else if (escaped !== undefined) out.push(escaped);
    else out.push(whole.endsWith("\n") ? h("br", null) : whole);
  }
  out.push(text.slice(at));
  return out;
}

/** @param {string} url */
function bareLink(url) {
  const clean = url.replace(/[.,;:!?)\]}]+$/, "");
  return [anchor(clean, clean), url.slice(clean.length)];
}

/** A link shows where it leads, because words can say anything. @param {string} label @param {string} address */
function link(label, address) {
  if (!/^https?:\/\//i.test(address)) return ownPath(address) ? anchor(label, /** @type {string} */ (ownPath(address))) : label;
  return [anchor(label || address, address), label && label !== address ? h("span", { class: "muted small", dir: "ltr" }, ` (${hostOf(address)})`) : null];
}

/** @param {string} label @param {string} address */
const anchor = (label, address) => h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, label);

/** Pictures come from this service only. @param {string} label @param {string} address */
function picture(label, address) {
  const path = ownPath(address);
  const image = () => h("img", { src: path, alt: label, loading: "lazy", decoding: "async" });
  return path ? h("a", { class: "marked-picture", href: path, target: "_blank", rel: "noopener", "aria-label": label || undefined }, image()) : link(label || address, address);
}

/** @param {string} address */
function hostOf(address) {
  try {
    return new URL(address).host;
  } catch {
    return address;
  }
}
