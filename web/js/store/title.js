// The number of unread messages in the title of the page and on its icon.
import { effect } from "@preact/signals";
import { words } from "../words.js";
import { unreadCount } from "./conversations.js";
import { badges } from "../views/places.js";
import { session } from "./session.js";

let icon = "";

effect(() => {
  badges.chats.value = unreadCount.value;
});
effect(() => {
  const count = badges.chats.value + badges.alerts.value;
  const name = session.value?.service_name || "messngr";
  document.title = count > 0 ? `(${count}) ${name}` : name === "messngr" ? name : `${name} – messngr`;
  draw(count);
});

/** @param {number} count */
function draw(count) {
  const link = /** @type {HTMLLinkElement | null} */ (document.querySelector("link[rel=icon]"));
  if (!link) return;
  const old = icon;
  // The browser may still be fetching the one before.
  if (old) setTimeout(() => URL.revokeObjectURL(old), 10_000);
  icon = "";
  if (count === 0) return void (link.href = "/icons/favicon.svg");
  const text = count > 9 ? "9+" : String(count);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#1f5f8b"/><path d="M8 9.5A2.5 2.5 0 0 1 10.500 7h11A2.500 2.500 0 0 1 24 9.500v8a2.500 2.500 0 0 1-2.500 2.500H15l-5 5v-5.100A2.500 2.500 0 0 1 8 17.500z" fill="none" stroke="#fff" stroke-width="2.200"/><circle cx="22" cy="22" r="10" fill="#b3122b"/><text x="22" y="27" font-family="sans-serif" font-size="14" font-weight="700" fill="#fff" text-anchor="middle">${text}</text></svg>`;
  icon = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  link.href = icon;
  link.title = words("unread", { count });
}
