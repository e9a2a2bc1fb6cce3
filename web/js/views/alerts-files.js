// What belongs to an alert or an announcement: pictures of the service in place, everything else as a link.
import { html } from "../html.js";
import { words } from "../words.js";
import { Icon } from "../parts/icon.js";

const PICTURE = /\.(png|jpe?g|gif|webp)$/i;

/** @param {{those: string[]}} properties */
export function Files({ those }) {
  if (!those.length) return null;
  return html`<ul class="files" aria-label=${words("alert.files")}>${those.map((one) => html`<li key=${one}><${File} address=${one} /></li>`)}</ul>`;
}

/** @param {{address: string}} properties */
function File({ address }) {
  const path = ownPath(address);
  const name = nameOf(address);
  if (path && PICTURE.test(path)) {
    return html`<a class="files-picture" href=${path} target="_blank" rel="noopener"><img src=${path} alt=${name} loading="lazy" decoding="async" /></a>`;
  }
  if (!path && !isSafe(address)) return html`<span class="file"><${Icon} name="file" size=${20} /><bdi class="cut">${name}</bdi></span>`;
  return html`<a class="file" href=${path ?? address} target="_blank" rel="noopener noreferrer">
    <${Icon} name=${path ? "file-text" : "external-link"} size=${20} /><span class="cut"><bdi>${path ? name : address}</bdi></span></a>`;
}

/** Whether an address may be a link. @param {string} address */
export const isSafe = (address) => /^https?:\/\//i.test(address);

/** The path of a file that the service has, by its id or by one of the service's names. @param {string} address */
export function ownPath(address) {
  if (/^[0-9a-f-]{36}$/i.test(address)) return `/files/${address}`;
  try {
    const { pathname } = new URL(address, location.origin);
    return pathname.startsWith("/files/") ? pathname : null;
  } catch {
    return null;
  }
}

/** @param {string} address */
function nameOf(address) {
  const last = address.split(/[?#]/)[0].split("/").pop() || address;
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}
