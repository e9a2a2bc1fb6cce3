// The frame of the messenger: the rail (a bar at the bottom of narrow screens), what connects, and the view.
import { useEffect } from "preact/hooks";
import { html } from "../html.js";
import { words } from "../words.js";
import { route } from "../router.js";
import { conversationsLoaded } from "../store/conversations.js";
import { mayUseConsole, session } from "../store/session.js";
import { Avatar } from "../parts/avatar.js";
import { Icon } from "../parts/icon.js";
import { lazy, loadSoon } from "../parts/lazy.js";
import { ReconnectBar } from "../parts/reconnect-bar.js";
import { Chats } from "./chats.js";
import { badges, overlays } from "./places.js";
import "./alerts-overlay.js";

const views = {
  chats: Chats,
  alerts: lazy(() => import("./alerts.js"), "Alerts", { soon: true }),
  notices: lazy(() => import("./notices.js"), "Notices"),
  console: lazy(() => import("./console.js"), "Console"),
  me: lazy(() => import("./me.js"), "Me"),
};

export function Frame() {
  const place = /** @type {keyof typeof views} */ (route.value[0] in views ? route.value[0] : "chats");
  const View = views[place];
  const deep = route.value.length > 1;
  useEffect(() => document.getElementById("view")?.scrollTo(0, 0), [place]);
  const isLoaded = conversationsLoaded.value;
  // After what is drawn now.
  useEffect(() => void (isLoaded && requestAnimationFrame(() => setTimeout(loadSoon))), [isLoaded]);
  return html`<div class=${`frame ${deep ? "deep" : ""}`}>
    <a class="skip" href="#view" onClick=${skip}>${words("skip")}</a>
    <${Rail} place=${place} />
    <div class="stage">
      <${ReconnectBar} />
      <div id="view" class=${`view ${place}`} tabindex="-1"><${View} parts=${route.value.slice(1)} /></div>
    </div>
    ${overlays.map((Overlay) => html`<${Overlay} />`)}
  </div>`;
}

/** @param {{place: string}} properties */
function Rail({ place }) {
  const own = session.value;
  return html`<nav class="rail" aria-label=${words("rail")}>
    <${Place} to="/chats" icon="message-circle" label=${words("chats")} here=${place === "chats"} count=${badges.chats.value} />
    <${Place} to="/alerts" icon="bell" label=${words("alerts")} here=${place === "alerts"} count=${badges.alerts.value} />
    <${Place} to="/notices" icon="pin" label=${words("notices")} here=${place === "notices"} count=${badges.notices.value} />
    ${mayUseConsole.value && html`<${Place} to="/console" icon="layout-dashboard" label=${words("console")} here=${place === "console"} count=${0} />`}
    <span class="rail-space"></span>
    <a class=${`rail-place inset ${place === "me" ? "here" : ""}`} href="/me" aria-current=${place === "me" ? "page" : undefined} title=${words("me")}>
      <${Avatar} name=${own?.name ?? "?"} address=${own?.address ?? ""} size=${28} show=${badges.show.value} />
      <span class="rail-label">${words("me")}</span>
    </a>
  </nav>`;
}

/** @param {{to: string, icon: string, label: string, here: boolean, count: number}} properties */
function Place({ to, icon, label, here, count }) {
  return html`<a class=${`rail-place inset ${here ? "here" : ""}`} href=${to} aria-current=${here ? "page" : undefined} title=${label}>
    <span class="rail-icon"><${Icon} name=${icon} size=${22} />${count > 0 && html`<span class="badge" aria-hidden="true">${count > 99 ? "99+" : count}</span>`}</span>
    <span class="rail-label">${label}</span>
    ${count > 0 && html`<span class="unseen">${words("unread", { count })}</span>`}
  </a>`;
}

/** @param {Event} event */
function skip(event) {
  event.preventDefault();
  document.getElementById("view")?.focus();
}
