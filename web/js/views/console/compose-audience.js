// Whom it is for: everyone, groups, people, machines and networks, with some left out, and how many that are.
import { useEffect, useId, useState } from "preact/hooks";
import { html } from "../../html.js";
import { words } from "../../words.js";
import * as api from "../../api/console-alerts.js";
import { explain } from "../../store/toasts.js";
import { Field } from "../../parts/field.js";
import { Icon } from "../../parts/icon.js";
import { expression, inWords, parts, text } from "./audience-words.js";
import { directory, loadDirectory } from "./directory.js";
import { mayAlertEveryone } from "./may.js";
import { localName } from "./page.js";

/** @typedef {import("./audience-words.js").Target} Target */
/** @typedef {{count: import("../../api/console-alerts.js").Count | null, problem: string, busy: boolean}} Counted */

const PATIENCE = 250;
const SHOWN = 8;
/** Who comes and goes changes the count of those who can be reached. */
const AGAIN = 10_000;

/** How many an audience has, always of now. @param {string} audience @returns {Counted} */
export function useCount(audience) {
  const [counted, setCounted] = useState(/** @type {Counted} */ ({ count: null, problem: "", busy: false }));
  useEffect(() => {
    if (!audience) return setCounted({ count: null, problem: "", busy: false });
    const stop = new AbortController();
    setCounted((now) => ({ ...now, busy: true }));
    const ask = async () => {
      try {
        const count = await api.count(audience, stop.signal);
        setCounted({ count, problem: "", busy: false });
      } catch (error) {
        const isHidden = /** @type {any} */ (error).status === 403;
        if (!stop.signal.aborted) setCounted({ count: null, problem: isHidden ? words("audience.uncounted") : explain(error), busy: false });
      }
    };
    const timer = setTimeout(ask, PATIENCE);
    const again = setInterval(ask, AGAIN);
    return () => {
      stop.abort();
      clearTimeout(timer);
      clearInterval(again);
    };
  }, [audience]);
  return counted;
}

/** @param {{value: string, onChange: (audience: string) => void, count?: Counted, problem?: string, short?: boolean}} properties */
export function AudienceBuilder({ value, onChange, count, problem, short = false }) {
  const [asText, setAsText] = useState(parts(value) === null);
  useEffect(() => void loadDirectory().catch(() => {}), []);
  const those = parts(value) ?? { include: [], exclude: [] };
  const hasEveryone = !mayAlertEveryone() || those.include.some((one) => one.kind === "everyone");
  const add = (/** @type {"include" | "exclude"} */ side) => (/** @type {Target} */ target) => {
    if (those[side].some((one) => text(one) === text(target))) return;
    const next = { ...those, [side]: target.kind === "everyone" ? [target] : [...those[side].filter((one) => one.kind !== "everyone"), target] };
    onChange(expression(next));
  };
  const drop = (/** @type {"include" | "exclude"} */ side) => (/** @type {Target} */ target) => onChange(expression({ ...those, [side]: those[side].filter((one) => text(one) !== text(target)) }));

  return html`<div class="audience column">
    ${asText
      ? html`<${Field} label=${words("audience.expression")} value=${value} onInput=${onChange} dir="ltr" spellcheck="false" hint=${words("audience.expression-hint")} class="code-field" />`
      : html`<${Side} label=${words("audience.include")} chosen=${those.include} onAdd=${add("include")} onDrop=${drop("include")} offerEveryone=${!hasEveryone} problem=${problem} />
        ${!short && those.include.length > 0 && html`<${Side} label=${words("audience.exclude")} chosen=${those.exclude} onAdd=${add("exclude")} onDrop=${drop("exclude")} />`}`}
    ${count && html`<p class="audience-count" role="status">${counted(count)}</p>`}
    ${asText && problem && html`<p class="hint problem" role="alert">${problem}</p>`}
    ${!short && html`<div><button type="button" class="button quiet" disabled=${asText && parts(value) === null} onClick=${() => setAsText(!asText)}>${words(asText ? "audience.as-parts" : "audience.as-text")}</button></div>`}
  </div>`;
}

/** @param {Counted} counted */
function counted({ count, problem, busy }) {
  if (problem) return html`<span class="hint problem">${problem}</span>`;
  if (!count) return html`<span class="muted">${words(busy ? "audience.counting" : "audience.nobody-yet")}</span>`;
  return html`<span class=${busy ? "faint" : ""}><strong class="figures">${words("audience.people", { count: count.people })}</strong>${" "}<span class="muted figures">${words("audience.reachable", { count: count.reachable })}${count.computers > 0 ? ` ${words("audience.computers", { count: count.computers })}` : ""}</span></span>`;
}

/** @param {{label: string, chosen: Target[], onAdd: (target: Target) => void, onDrop: (target: Target) => void, offerEveryone?: boolean, problem?: string}} properties */
function Side({ label, chosen, onAdd, onDrop, offerEveryone = false, problem }) {
  const id = useId();
  const [typed, setTyped] = useState("");
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(0);
  const offers = open ? offered(typed, chosen, offerEveryone) : [];
  const take = (/** @type {Target} */ target) => {
    onAdd(target);
    setOpen(false);
    setTyped("");
    setAt(0);
  };
  const move = (/** @type {KeyboardEvent} */ event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      setOpen(true);
      setAt((at + step + offers.length) % Math.max(1, offers.length));
    } else if (event.key === "Enter" && offers[at]) {
      event.preventDefault();
      take(offers[at].target);
    } else if (event.key === "Escape" && open) {
      event.stopPropagation();
      setOpen(false);
    } else if (event.key === "Backspace" && !typed && chosen.length) onDrop(chosen[chosen.length - 1]);
  };
  return html`<div class="field"><label for=${id}>${label}</label>
    <div class="picker">
      <div class="picker-box">
        ${chosen.map((target) => html`<span key=${text(target)} class="chip chosen"><${Icon} name=${icons[target.kind]} size=${14} /><bdi>${inWords(target)}</bdi><button type="button" class="chip-x" aria-label=${words("compose.remove", { name: inWords(target) })} onClick=${() => onDrop(target)}><${Icon} name="x" size=${14} /></button></span>`)}
        <input id=${id} class="picker-input" role="combobox" autocomplete="off" aria-expanded=${offers.length > 0} aria-controls=${`${id}-list`} aria-activedescendant=${offers.length ? `${id}-${at}` : undefined} aria-invalid=${problem ? "true" : undefined} value=${typed} placeholder=${chosen.length ? "" : words("audience.placeholder")}
          onFocus=${() => setOpen(true)} onClick=${() => setOpen(true)} onBlur=${() => setTimeout(() => setOpen(false), 150)} onKeyDown=${move} onInput=${(/** @type {any} */ event) => { setTyped(event.currentTarget.value); setOpen(true); setAt(0); }} />
      </div>
      <ul id=${`${id}-list`} class="picker-list scrolls" role="listbox" aria-label=${label} hidden=${!offers.length}>${offers.map(({ target, more }, index) => html`<li key=${text(target)} id=${`${id}-${index}`} role="option" aria-selected=${index === at} class=${index === at ? "at" : ""} onPointerDown=${(/** @type {Event} */ event) => { event.preventDefault(); take(target); }}>
        <${Icon} name=${icons[target.kind]} size=${16} /><bdi class="grow cut">${inWords(target)}</bdi><span class="muted small">${more}</span></li>`)}</ul>
    </div>
    ${problem && html`<p class="hint problem" role="alert">${problem}</p>`}
  </div>`;
}

/** @type {Record<Target["kind"], string>} */
const icons = { everyone: "globe", group: "users", user: "user-round", computer: "monitor", address: "network" };

/** What can be chosen now. @param {string} typed @param {Target[]} chosen @param {boolean} everyone @returns {{target: Target, more: string}[]} */
function offered(typed, chosen, everyone) {
  const wanted = typed.trim().toLowerCase();
  const { groups = [], accounts = [], whole = false } = directory.value ?? {};
  /** @type {{target: Target, more: string}[]} */
  const all = [];
  if (everyone && words("audience.everyone").toLowerCase().includes(wanted)) all.push({ target: { kind: "everyone", name: "" }, more: whole ? words("audience.people", { count: accounts.length }) : "" });
  for (const group of groups) if (group.name.toLowerCase().includes(wanted)) all.push({ target: { kind: "group", name: group.name }, more: whole ? words("audience.people", { count: group.members.length }) : "" });
  if (wanted) {
    for (const account of accounts) {
      if (all.length > 60) break;
      if (account.address.includes(wanted)) all.push({ target: { kind: "user", name: localName(account.address) }, more: "" });
    }
    if (/^[0-9a-f.:]+(\/\d+)?$/.test(wanted) && /[.:]/.test(wanted)) all.push({ target: { kind: "address", name: wanted }, more: words("audience.network") });
    if (/^[^\s@]{1,15}@[^\s@]+$/.test(typed.trim())) all.push({ target: { kind: "computer", name: typed.trim() }, more: words("audience.machine") });
    if (!whole && /^[\p{L}\p{N}._-]+$/u.test(wanted)) all.push({ target: { kind: "user", name: wanted }, more: "" });
  }
  return all.filter(({ target }) => !chosen.some((one) => text(one) === text(target))).slice(0, SHOWN);
}
