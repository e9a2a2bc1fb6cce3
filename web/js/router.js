// Where the person is: the path of the page, by the browser's own history.
import { computed, signal } from "@preact/signals";

const path = signal(location.pathname);

/** The parts of the path, decoded: `/chats/anna@office` is `["chats", "anna@office"]`. */
export const route = computed(() => path.value.split("/").filter(Boolean).map(decoded));

/**
 * Goes to a path of this client.
 * @param {string} to
 * @param {{replace?: boolean}} [how]
 */
export function go(to, { replace = false } = {}) {
  if (to === location.pathname) return;
  history[replace ? "replaceState" : "pushState"](null, "", to);
  path.value = location.pathname;
}

/** The path of a conversation. @param {string} address */
export const chatPath = (address) => `/chats/${encodeURIComponent(address).replaceAll("%40", "@")}`;

/** Follows the browser's buttons and links inside this client. */
export function followLinks() {
  addEventListener("popstate", () => (path.value = location.pathname));
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
    if (!(link instanceof HTMLAnchorElement) || link.origin !== location.origin) return;
    if (link.target || link.hasAttribute("download") || !isOurs(link.pathname)) return;
    event.preventDefault();
    go(link.pathname);
  });
}

/** Whether a path is one of this client's; others are the service's own pages. @param {string} to */
function isOurs(to) {
  return /^\/(chats|alerts|notices|console|me)?(\/|$)/.test(to);
}

/** @param {string} part */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
