// Dialogs that lie over every view, and how they are opened. They are loaded when the first of them is.
import { signal } from "@preact/signals";
import { html } from "../html.js";
import { lazy, nothing } from "../parts/lazy.js";
import { addOverlay } from "./places.js";

const AddPerson = lazy(() => import("./add-person.js"), "AddPerson", nothing);
const NewRoom = lazy(() => import("./new-room.js"), "NewRoom", nothing);
const Report = lazy(() => import("./report.js"), "Report", nothing);

const adding = signal(false);
const making = signal(false);
/** @type {import("@preact/signals").Signal<import("../api/chat.js").Message | null>} */
const reported = signal(null);

export const openAdd = () => void (adding.value = true);
export const openNewRoom = () => void (making.value = true);
/** @param {import("../api/chat.js").Message} message */
export const openReport = (message) => void (reported.value = message);

addOverlay(() => adding.value && html`<${AddPerson} onClose=${() => (adding.value = false)} />`);
addOverlay(() => making.value && html`<${NewRoom} onClose=${() => (making.value = false)} />`);
addOverlay(() => reported.value && html`<${Report} message=${reported.value} onClose=${() => (reported.value = null)} />`);
