// That the service is away, when it is tried again, and what waits to be sent. It stays until all is well.
import { useEffect, useState } from "preact/hooks";
import { html } from "../html.js";
import { words } from "../words.js";
import { connection, open, retry } from "../api/events.js";
import { waitingCount } from "../store/outbox.js";
import { Icon } from "./icon.js";

/** A break shorter than this is not worth a bar. */
const PATIENCE = 1500;

export function ReconnectBar() {
  const { state, retryAt, code } = connection.value;
  const well = state === "connected" || state === "closed";
  const [late, setLate] = useState(false);
  const [, tick] = useState(0);
  useEffect(() => {
    if (well) return setLate(false);
    const timer = setTimeout(() => setLate(true), PATIENCE);
    return () => clearTimeout(timer);
  }, [well]);
  useEffect(() => {
    if (state !== "waiting") return;
    const timer = setInterval(() => tick((count) => count + 1), 1000);
    return () => clearInterval(timer);
  }, [state]);
  if (well || !late) return html`<div role="status"></div>`;

  const seconds = Math.max(0, Math.ceil((retryAt - Date.now()) / 1000));
  return html`<div class="reconnect" role="status">
    <${Icon} name=${state === "ended" ? "circle-alert" : "wifi-off"} size=${18} />
    <p class="grow"><strong>${words(state === "ended" ? "connection.ended" : "connection.away")}</strong>${" "}
      ${state === "waiting" && html`<span class="figures" aria-hidden="true">${words("connection.again", { count: seconds })}</span>`}
      ${state === "connecting" && words("connection.trying")}
      ${waitingCount.value > 0 && html`${" "}<span>${words("connection.kept", { count: waitingCount.value })}</span>`}</p>
    <button type="button" class="button quiet" onClick=${code ? open : retry}>${words("connection.now")}</button>
  </div>`;
}
