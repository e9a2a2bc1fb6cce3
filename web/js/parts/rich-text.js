// The text of others: only ever text. Addresses of pages become links that show where they lead.
import { html } from "../html.js";

const LINK = /\bhttps?:\/\/[^\s<>"'\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gi;
const EMOJI = /^\p{RGI_Emoji}+$/v;

/** @param {{text: string, links?: boolean}} properties `links`: false for whom nobody vouches */
export function RichText({ text, links = true }) {
  if (!links || !text.includes("://")) return html`<bdi>${text}</bdi>`;
  const parts = [];
  let at = 0;
  for (const match of text.matchAll(LINK)) {
    const url = match[0].replace(/[.,;:!?)\]}]+$/, "");
    parts.push(text.slice(at, match.index), html`<a href=${url} target="_blank" rel="noopener noreferrer" dir="ltr">${url}</a>`);
    at = match.index + url.length;
  }
  parts.push(text.slice(at));
  return html`<bdi>${parts}</bdi>`;
}

/** Whether it is one to three emoji and nothing else. @param {string} text */
export function isOnlyEmoji(text) {
  const trimmed = text.trim();
  return trimmed.length > 0 && trimmed.length < 40 && EMOJI.test(trimmed) && [...new Intl.Segmenter().segment(trimmed)].length <= 3;
}
