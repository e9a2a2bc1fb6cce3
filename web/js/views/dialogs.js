// Dialogs that lie over every view, and how they are opened. They are loaded when the first of them is.
import { signal } from "@preact/signals";
import { html } from "../html.js";
import { lazy, nothing } from "../parts/lazy.js";
import { addOverlay } from "./places.js";

const AddPerson = lazy(() => import("./add-person.js"), "AddPerson", { waiting: nothing });
const NewRoom = lazy(() => import("./new-room.js"), "NewRoom", { waiting: nothing });
const Report = lazy(() => import("./report.js"), "Report", { waiting: nothing });

/** Jumping to anybody by a few letters. */
const Jump = lazy(() => import("./jump.js"), "Jump", { waiting: nothing, soon: true });
/** What the keys do. */
const Keys = lazy(() => import("./shortcuts-help.js"), "Keys", { waiting: nothing });

const adding = signal(false);
const jumping = signal(false);
const explaining = signal(false);
const making = signal(false);
/** @type {import("@preact/signals").Signal<import("../api/chat.js").Message | null>} */
const reported = signal(null);

export const openAdd = () => void (adding.value = true);
export const openJump = () => void (jumping.value = true);
export const openShortcuts = () => void (explaining.value = true);
export const openNewRoom = () => void (making.value = true);
/** @param {import("../api/chat.js").Message} message */
export const openReport = (message) => void (reported.value = message);

addOverlay(() => adding.value && html`<${AddPerson} onClose=${() => (adding.value = false)} />`);
addOverlay(() => making.value && html`<${NewRoom} onClose=${() => (making.value = false)} />`);
addOverlay(() => reported.value && html`<${Report} message=${reported.value} onClose=${() => (reported.value = null)} />`);
addOverlay(() => jumping.value && html`<${Jump} onClose=${() => (jumping.value = false)} />`);
addOverlay(() => explaining.value && html`<${Keys} onClose=${() => (explaining.value = false)} />`);
