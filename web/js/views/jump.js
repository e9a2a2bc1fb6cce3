// Jumping to anybody by a few letters: Ctrl K.
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { html } from "../html.js";
import { words } from "../words.js";
import { chatPath, go } from "../router.js";
import { find } from "../api/people.js";
import { conversations, strangersName } from "../store/conversations.js";
import { contacts, showOf } from "../store/people.js";
import { conversationName, isRoom, rooms } from "../store/rooms.js";
import { mayUseConsole, session } from "../store/session.js";
import { Avatar } from "../parts/avatar.js";
import { Icon } from "../parts/icon.js";

const MOST = 9;

/** @typedef {{key: string, name: string, path: string, address?: string, icon?: string}} Target */

/** @param {{onClose: () => void}} properties */
export function Jump({ onClose }) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const id = useId();
  const element = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => {
    element.current?.showModal();
    return () => element.current?.close();
  }, []);
  const others = usePeople(text);
  const targets = found(text, others);
  const choose = (/** @type {Target | undefined} */ target) => {
    if (!target) return;
    onClose();
    go(target.path);
  };
  const key = (/** @type {KeyboardEvent} */ event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      setAt((at + step + targets.length) % Math.max(1, targets.length));
    } else if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      choose(targets[at]);
    }
  };
  return html`<dialog ref=${element} class="dialog jump" aria-label=${words("jump.open")} onCancel=${(/** @type {Event} */ event) => { event.preventDefault(); onClose(); }}
    onClick=${(/** @type {Event} */ event) => event.target === element.current && onClose()}>
    <div class="jump-field"><${Icon} name="search" class="muted" />
      <input autofocus role="combobox" aria-expanded="true" aria-controls=${`${id}-list`} aria-activedescendant=${targets[at] ? `${id}-${at}` : undefined} aria-autocomplete="list"
        aria-label=${words("jump.placeholder")} placeholder=${words("jump.placeholder")} value=${text} spellcheck=${false} autocomplete="off"
        onInput=${(/** @type {any} */ event) => { setText(event.currentTarget.value); setAt(0); }} onKeyDown=${key} /></div>
    <ul id=${`${id}-list`} role="listbox" aria-label=${words("jump.open")} class="jump-list">
      ${targets.map((target, index) => html`<li key=${target.key} id=${`${id}-${index}`} role="option" aria-selected=${index === at} onClick=${() => choose(target)} onPointerMove=${() => index !== at && setAt(index)}>
        ${target.address ? html`<${Avatar} name=${target.name} address=${target.address} size=${28} icon=${target.icon} show=${target.icon ? undefined : showOf(target.address)} />` : html`<span class="jump-icon"><${Icon} name=${target.icon ?? "circle-user-round"} /></span>`}
        <bdi class="grow cut">${target.name}</bdi>${target.address && html`<bdi class="muted small cut">${target.address}</bdi>`}</li>`)}
    </ul>
    ${targets.length === 0 && html`<p class="muted small jump-none">${words("jump.none")}</p>`}
  </dialog>`;
}

/** People of the service whose name has these letters in it, as soon as it has answered. @param {string} text @returns {string[]} */
function usePeople(text) {
  const [people, setPeople] = useState(/** @type {string[]} */ ([]));
  useEffect(() => {
    if (text.trim().length < 2) return setPeople([]);
    let isCurrent = true;
    const timer = setTimeout(async () => {
      const answer = await find(text.trim()).catch(() => []);
      if (isCurrent) setPeople(answer.map((one) => one.address));
    }, 150);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [text]);
  return people;
}

/** @param {string} text @param {string[]} others @returns {Target[]} */
function found(text, others) {
  const wanted = plain(text.trim());
  /** @type {Map<string, Target>} */
  const all = new Map();
  const person = (/** @type {string} */ address) => all.set(address, { key: address, address, name: conversationName(address), path: chatPath(address), icon: isRoom(address) ? "hash" : strangersName(address) !== undefined ? "lock-open" : undefined });
  for (const one of conversations.value) person(one.address);
  for (const address of rooms.value.keys()) person(address);
  for (const address of contacts.value.keys()) person(address);
  for (const address of others) if (address !== session.value?.address) person(address);
  const places = [["chats", "message-circle"], ["alerts", "bell"], ["notices", "pin"], ...(mayUseConsole.value ? [["console", "layout-dashboard"]] : []), ["me", "circle-user-round"]];
  for (const [place, icon] of places) all.set(`/${place}`, { key: `/${place}`, name: words(place), path: `/${place}`, icon });
  if (!wanted) return [...all.values()].filter((target) => target.address).slice(0, MOST);
  const matching = [...all.values()].filter((target) => plain(`${target.name} ${target.address ?? ""}`).includes(wanted)).sort((one, other) => rank(one, wanted) - rank(other, wanted)).slice(0, MOST);
  const address = wanted.includes("@") ? wanted : `${wanted}@${session.value?.domain}`;
  if (!/\s/.test(wanted) && !matching.some((target) => target.address === address)) matching.push({ key: "write", name: words("jump.write", { name: address }), path: chatPath(address), icon: "pencil" });
  return matching;
}

/** @param {Target} target @param {string} wanted */
const rank = (target, wanted) => (plain(target.name).startsWith(wanted) ? 0 : 1);

/** Without accents and capitals. @param {string} text */
const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();
