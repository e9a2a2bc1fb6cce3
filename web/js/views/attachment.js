// A file of a message. Pictures have their size before they load; everything else is a line to download.
import { html } from "../html.js";
import { words } from "../words.js";
import { size } from "../times.js";
import { pathOfFile } from "../api/chat.js";
import { isPicture } from "../api/files.js";
import { Icon } from "../parts/icon.js";

const WIDEST = 360;
const HIGHEST = 300;

/** @param {{file: import("../api/chat.js").Attachment}} properties */
export function Attachment({ file }) {
  // Only what lies on this service is loaded: whoever names another place would learn who looks at it.
  const url = pathOfFile(file.url);
  const isOurs = url.startsWith("/files/");
  if (isOurs && isPicture(file.type)) {
    const { width, height } = fit(file);
    return html`<a class="picture" href=${url} target="_blank" rel="noopener"><img src=${url} alt=${file.name} width=${width} height=${height} loading="lazy" decoding="async" /></a>`;
  }
  return html`<a class="file" href=${isOurs ? url : undefined} download=${file.name}>
    <${Icon} name="file-text" size=${20} /><span class="column-tight"><bdi class="cut">${file.name}</bdi>${file.size > 0 && html`<span class="muted tiny">${size(file.size)}</span>`}</span>
    <${Icon} name="download" size=${18} /><span class="unseen">${words("download")}</span></a>`;
}

/** @param {import("../api/chat.js").Attachment} file */
function fit({ width, height }) {
  if (!width || !height) return { width: 240, height: 180 };
  const scale = Math.min(1, WIDEST / width, HIGHEST / height);
  return { width: Math.round(width * scale), height: Math.round(height * scale) };
}
