// Sending files: a place is asked for, then the bytes are put there, with progress.
import { Problem, post, young } from "./http.js";
import { asName } from "./text.js";

/**
 * Sends a file to the service.
 * @param {File} file
 * @param {(part: number) => void} onProgress from 0 to 1
 * @param {AbortSignal} signal
 * @returns {Promise<import("./chat.js").Attachment>}
 */
export async function upload(file, onProgress, signal) {
  const type = file.type || "application/octet-stream";
  const name = asName(file.name).replaceAll("/", "") || "file";
  const place = await young(post("/files", { name, size: file.size, media_type: type }));
  await put(ours(place.put), file, type, onProgress, signal);
  return { name, size: file.size, type, url: place.get, ...(await dimensions(file)) };
}

/**
 * By XMLHttpRequest, because fetch does not say how much has gone.
 * @param {string} url @param {File} file @param {string} type @param {(part: number) => void} onProgress @param {AbortSignal} signal
 */
function put(url, file, type, onProgress, signal) {
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest();
    sending.open("PUT", url);
    sending.setRequestHeader("content-type", type);
    sending.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0);
    sending.onload = () => (sending.status < 300 ? resolve(null) : reject(new Problem({ status: sending.status, detail: sending.responseText })));
    sending.onerror = () => reject(new Problem({ type: "urn:messngr:problem:unreachable" }));
    sending.onabort = () => reject(new DOMException("aborted", "AbortError"));
    signal.addEventListener("abort", () => sending.abort());
    sending.send(file);
  });
}

/** The size of a picture, so that its place is kept before it is loaded. @param {File} file */
async function dimensions(file) {
  if (!isPicture(file.type)) return {};
  try {
    const picture = await createImageBitmap(file);
    const { width, height } = picture;
    picture.close();
    return { width, height };
  } catch {
    return {};
  }
}

/** Whether a browser may show it in place. @param {string} type */
export const isPicture = (type) => ["image/png", "image/jpeg", "image/gif", "image/webp"].includes(type);

/** The path of an address of this service, which was perhaps made with another of its names. @param {string} url */
const ours = (url) => new URL(url, location.origin).pathname;
