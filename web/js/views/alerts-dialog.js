// The dialog of an alert, over every view. It closes by confirming and by nothing else.
import { useEffect, useRef, useState } from "preact/hooks";
import { html } from "../html.js";
import { language, words } from "../words.js";
import { seen, wording } from "../api/alerts.js";
import { answer, close, inFront, queue } from "../store/alerts.js";
import { session } from "../store/session.js";
import { explain } from "../store/toasts.js";
import { Button, IconButton } from "../parts/button.js";
import { Icon } from "../parts/icon.js";
import { AlertFace } from "./alerts-face.js";
import { typing } from "./alerts-overlay.js";

/** The buttons sleep for a moment, so that no key or click meant for something else confirms. */
const SLEEP = 700;
/** Whoever has pressed a key within this time in a field is still typing: the keyboard stays theirs. */
const TYPING = 1500;

/** The alert in front, and which of how many it is. */
export function AlertQueue() {
  const [chosen, setChosen] = useState("");
  const all = queue.value;
  const first = all[0]?.alert.id ?? "";
  // What comes before the one that is looked at is more urgent than it.
  useEffect(() => setChosen(""), [first]);
  const at = Math.max(0, all.findIndex((one) => one.alert.id === chosen));
  const one = all[at];
  const id = one?.alert.id ?? "";
  useEffect(() => {
    inFront.value = id;
    return () => void (inFront.value = "");
  }, [id]);
  if (!one || session.value?.must_change_password) return null;
  const turn = (/** @type {number} */ by) => setChosen(all[(at + by + all.length) % all.length].alert.id);
  return html`<${AlertDialog} one=${one} number=${at + 1} count=${all.length} onTurn=${turn} />`;
}

/** @param {{one: import("../store/alerts.js").Open, number: number, count: number, onTurn: (by: number) => void}} properties */
function AlertDialog({ one, number, count, onTurn }) {
  const { alert, ended, waiting, repeats } = one;
  const element = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const [spoken, setSpoken] = useState(language.value);
  const isAwake = useModal(element, alert.id, Boolean(ended));
  useEffect(() => setSpoken(language.value), [alert.id, language.value]);
  useSeen(alert.id);

  return html`<dialog ref=${element} class="alert-dialog" role="alertdialog" aria-modal="true" aria-labelledby="alert-title" aria-describedby="alert-text"
    onCancel=${(/** @type {Event} */ event) => event.preventDefault()}
    onKeyDown=${(/** @type {KeyboardEvent} */ event) => event.key === "Escape" && event.preventDefault()}>
    <div class="alert-scroll scrolls">
      <${AlertFace} alert=${alert} spoken=${spoken} onSpoken=${setSpoken} titleId="alert-title" textId="alert-text" live=${!ended}
        count=${count > 1 && html`<span class="alert-count"><${IconButton} icon="chevron-left" size=${18} class="small turn" label=${words("alert.previous")} onClick=${() => onTurn(-1)} />
          <span class="figures" aria-live="polite">${words("alert.number", { number, count })}</span>
          <${IconButton} icon="chevron-right" size=${18} class="small turn" label=${words("alert.next")} onClick=${() => onTurn(1)} /></span>`} />
    </div>
    <footer class="alert-foot">
      ${repeats > 0 && !ended && html`<p class="small muted row"><${Icon} name="repeat" size=${16} />${words("alert.repeated", { count: repeats })}</p>`}
      ${ended ? html`<${Ended} one=${one} />` : html`<${Choices} key=${alert.id} alert=${alert} spoken=${spoken} waiting=${waiting} isAwake=${isAwake} />`}
    </footer>
  </dialog>`;
}

/** @param {{alert: import("../api/alerts.js").Alert, spoken: string, waiting: string, isAwake: boolean}} properties */
function Choices({ alert, spoken, waiting, isAwake }) {
  const [problem, setProblem] = useState("");
  const pressed = useRef(/** @type {EventTarget | null} */ (null));
  const choices = wording(alert, spoken).choices;

  const press = (/** @type {MouseEvent} */ event, /** @type {() => void} */ act) => {
    // A press that began before the buttons were awake was meant for what lay under them.
    const isMeant = event.detail === 0 || pressed.current === event.currentTarget;
    pressed.current = null;
    if (isAwake && isMeant && !waiting) act();
  };
  const guards = {
    "aria-disabled": !isAwake || Boolean(waiting),
    onPointerDown: (/** @type {PointerEvent} */ event) => (pressed.current = isAwake ? event.currentTarget : null),
    onKeyDown: (/** @type {KeyboardEvent} */ event) => {
      // A key that is held down since before is not pressed for this.
      if ((event.repeat || !isAwake) && (event.key === "Enter" || event.key === " ")) event.preventDefault();
      else moveBetween(event);
    },
  };
  const confirm = (/** @type {string} */ choice) => {
    setProblem("");
    answer(alert.id, choice).catch((/** @type {any} */ error) => setProblem(explain(error)));
  };

  if (!alert.must_confirm) {
    return html`<${Button} wide class="choice" ...${guards} onClick=${(/** @type {MouseEvent} */ event) => press(event, () => close(alert.id))}>${words("close")}<//>`;
  }
  return html`<div class=${`choices ${isAwake ? "" : "asleep"}`} role="group" aria-label=${words("alert.answer")}>
    ${alert.choices.map((choice, index) => html`<${Button} key=${choice} wide class="choice" busy=${waiting === choice} ...${guards}
      onClick=${(/** @type {MouseEvent} */ event) => press(event, () => confirm(choice))}><bdi>${choices[index] ?? choice}</bdi><//>`)}
    ${waiting && html`<p class="small muted" role="status">${words("alert.waiting")}</p>`}
    ${problem && html`<p class="hint problem" role="alert">${problem}</p>`}
  </div>`;
}

/** Why it need not be answered any more. @param {{one: import("../store/alerts.js").Open}} properties */
function Ended({ one: { alert, ended } }) {
  return html`<p class="alert-ended" role="status"><${Icon} name=${ended?.why === "answered" ? "circle-check" : "circle-x"} size=${20} />
      <span>${words(`alert.ended.${ended?.why}`, { choice: ended?.choice ?? "" })}</span></p>
    <${Button} wide class="choice" onClick=${() => close(alert.id)}>${words("close")}<//>`;
}

/**
 * Opens the dialog; as soon as nobody is typing, it takes the keyboard and keeps it. Gives whether its buttons are awake.
 * @param {{current: HTMLDialogElement | null}} element
 * @param {string} id
 * @param {boolean} isEnded
 */
function useModal(element, id, isEnded) {
  const [awake, setAwake] = useState("");
  useEffect(() => {
    const dialog = /** @type {HTMLDialogElement} */ (element.current);
    const keep = () => dialog.isConnected && dialog.showModal();
    // A browser may close it all the same, for instance by a second Escape or the back gesture.
    dialog.addEventListener("close", keep);
    return () => {
      dialog.removeEventListener("close", keep);
      dialog.close();
    };
  }, []);
  useEffect(() => {
    const dialog = /** @type {HTMLDialogElement} */ (element.current);
    /** @type {number} */
    let timer;
    const take = () => {
      const rest = TYPING - (Date.now() - typing.last);
      if (!dialog.matches(":modal") && rest > 0) {
        dialog.setAttribute("open", "");
        timer = setTimeout(take, rest + 50);
        return;
      }
      if (!dialog.matches(":modal")) {
        dialog.removeAttribute("open");
        dialog.showModal();
      }
      /** @type {HTMLElement | null} */ (dialog.querySelector(".alert-headline"))?.focus();
      timer = setTimeout(() => setAwake(id), SLEEP);
    };
    // Whoever reaches for it while it waits wants it now.
    const reach = () => {
      typing.last = 0;
      clearTimeout(timer);
      take();
    };
    const reaching = (/** @type {Event} */ event) => {
      if (!dialog.matches(":modal") && event.target instanceof Node && dialog.contains(event.target)) reach();
    };
    addEventListener("pointerdown", reaching, true);
    take();
    return () => {
      clearTimeout(timer);
      removeEventListener("pointerdown", reaching, true);
    };
  }, [id]);
  return awake === id || isEnded;
}

/** Says that it was looked at, when the page is in sight for a moment. @param {string} id */
function useSeen(id) {
  useEffect(() => {
    /** @type {number} */
    let timer;
    const look = () => {
      clearTimeout(timer);
      if (document.visibilityState === "visible") timer = setTimeout(() => seen(id), 600);
    };
    document.addEventListener("visibilitychange", look);
    look();
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [id]);
}

/** Arrows move between the choices. @param {KeyboardEvent} event */
function moveBetween(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const all = [.../** @type {HTMLElement} */ (event.currentTarget).parentElement?.querySelectorAll("button") ?? []];
  const to = all[all.indexOf(/** @type {HTMLButtonElement} */ (event.currentTarget)) + step];
  to?.focus();
}
