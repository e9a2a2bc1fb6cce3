// A file of a message. Pictures have their size before they load; everything else is a line to download.
import { useState } from "preact/hooks";
import { html } from "../html.js";
import { words } from "../words.js";
import { size } from "../times.js";
import { pathOfFile } from "../api/chat.js";
import { isPicture } from "../api/files.js";
import { Icon } from "../parts/icon.js";

const WIDEST = 360;
const HIGHEST = 300;
/** The place of a picture whose sender did not say its size. */
const UNKNOWN = { width: 360, height: 240 };
/** The sizes of such pictures that were seen, by address. @type {Map<string, {width: number, height: number}>} */
const sizes = new Map();
const SIZES_MOST = 500;

/** @param {{file: import("../api/chat.js").Attachment}} properties */
export function Attachment({ file }) {
  // Only what lies on this service is loaded: whoever names another place would learn who looks at it.
  const url = pathOfFile(file.url);
  const isOurs = url.startsWith("/files/");
  if (isOurs && isPicture(file.type)) {
    return html`<${Picture} key=${url} file=${file} url=${url} />`;
  }
  return html`<a class="file" href=${isOurs ? url : undefined} download=${file.name}>
    <${Icon} name="file-text" size=${20} /><span class="column-tight"><bdi class="cut">${file.name}</bdi>${file.size > 0 && html`<span class="muted tiny">${size(file.size)}</span>`}</span>
    <${Icon} name="download" size=${18} /><span class="unseen">${words("download")}</span></a>`;
}

/** @param {{file: import("../api/chat.js").Attachment, url: string}} properties */
function Picture({ file, url }) {
  const [seen, setSeen] = useState(sizes.get(url));
  const own = file.width && file.height ? { width: file.width, height: file.height } : seen;
  const { width, height } = fit(own ?? UNKNOWN);
  const learn = (/** @type {Event} */ event) => {
    if (own) return;
    const { naturalWidth, naturalHeight } = /** @type {HTMLImageElement} */ (event.currentTarget);
    if (sizes.size >= SIZES_MOST) sizes.clear();
    sizes.set(url, { width: naturalWidth, height: naturalHeight });
    setSeen(sizes.get(url));
  };
  return html`<a class="picture" href=${url} target="_blank" rel="noopener"><img src=${url} alt=${file.name} width=${width} height=${height} loading="lazy" decoding="async" onLoad=${learn} /></a>`;
}

/** @param {{width: number, height: number}} size */
function fit({ width, height }) {
  const scale = Math.min(1, WIDEST / width, HIGHEST / height);
  return { width: Math.round(width * scale), height: Math.round(height * scale) };
}
