// The notice board: announcements, newest first, searched, with what is new marked.
import { useEffect, useState } from "preact/hooks";
import { html } from "../html.js";
import { language, words } from "../words.js";
import { ago, full, short } from "../times.js";
import { wording } from "../api/alerts.js";
import { displayName } from "../store/people.js";
import { isUnread, loadMore, loadNotices, markRead, nextPage, notice, notices, searched } from "../store/notices.js";
import { toastProblem } from "../store/toasts.js";
import { Button } from "../parts/button.js";
import { Empty } from "../parts/empty.js";
import { Icon } from "../parts/icon.js";
import { ListPane } from "../parts/pane.js";
import { MarkedText } from "../parts/marked-text.js";
import { moveInList } from "../parts/list-keys.js";
import { Waiting } from "../parts/waiting.js";
import { languageName, TimeLeft } from "./alerts-face.js";
import { Files, isSafe } from "./alerts-files.js";
import { Level } from "./alerts-level.js";

/** @typedef {import("../store/notices.js").Notice} Notice */

const PATIENCE = 250;
const LOOKED_AT = 1200;

/** @param {{parts: string[]}} properties */
export function Notices({ parts: [id] }) {
  const [text, setText] = useState(searched.value);
  useEffect(() => {
    const timer = setTimeout(() => loadNotices(text).catch(toastProblem), text ? PATIENCE : 0);
    return () => clearTimeout(timer);
  }, [text]);
  const list = notices.value;
  return html`<${ListPane} label=${words("notices")}><header class="pane-head"><h1>${words("notices")}</h1></header>
      <div class="notices-search" role="search"><${Icon} name="search" size=${18} class="muted" />
        <input class="input" type="search" value=${text} placeholder=${words("notices.search")} aria-label=${words("notices.search")} onInput=${(/** @type {any} */ event) => setText(event.currentTarget.value)} /></div>
      <div class="grow scrolls" onKeyDown=${moveInList}>
        ${list === null && html`<${Waiting} />`}
        ${list?.length === 0 && (text ? html`<${Empty} icon="search" title=${words("notices.none")} text=${words("notices.none-text")} />` : html`<${Empty} icon="pin" title=${words("notices.empty")} text=${words("notices.empty-text")} />`)}
        <div class="notice-lines">${list?.map((one) => html`<${Line} key=${one.id} one=${one} chosen=${one.id === id} />`)}</div>
        ${nextPage.value && html`<p class="notices-more"><${Button} kind="quiet" onClick=${() => loadMore().catch(toastProblem)}>${words("more")}<//></p>`}
      </div>
    <//>
    <main class="pane main">${id ? html`<${Page} key=${id} id=${id} />` : html`<${Empty} icon="pin" title=${words("notices.choose")} text=${words("notices.choose-text")} />`}</main>`;
}

/** @param {{one: Notice, chosen: boolean}} properties */
function Line({ one, chosen }) {
  const said = wording(one, language.value);
  const at = Date.parse(one.effective_at);
  const unread = isUnread(one) && one.status === "in-force";
  return html`<a class=${`notice-line line inset ${chosen ? "chosen" : ""} ${unread ? "unread" : ""}`} href=${`/notices/${one.id}`} aria-current=${chosen ? "true" : undefined}>
    <span class="row"><bdi class="notice-title cut grow">${said.headline}</bdi>${unread && html`<span class="notice-new">${words("new")}</span>`}<time class="tiny muted" title=${full(at)}>${short(at)}</time></span>
    <bdi class="notice-start small muted">${plain(said.text)}</bdi>
  </a>`;
}

/** @param {{id: string}} properties */
function Page({ id }) {
  const one = notice(id);
  const [spoken, setSpoken] = useState(language.value);
  useEffect(() => {
    if (!one || !isUnread(one)) return;
    const timer = setTimeout(() => markRead(one), LOOKED_AT);
    return () => clearTimeout(timer);
  }, [one?.id]);
  const said = one && wording(one, spoken);
  const tags = one ? [...new Set([one.language, ...Object.keys(one.translations ?? {})].filter(Boolean))] : [];
  return html`<header class="pane-head"><a class="icon-button back" href="/notices" aria-label=${words("back")} title=${words("back")}><${Icon} name="arrow-left" /></a>
      <h1 class="cut">${words("notices")}</h1></header>
    <div class="pane-body scrolls">
      ${!one && (notices.value ? html`<${Empty} icon="pin" title=${words("notices.gone")} text=${words("notices.gone-text")} />` : html`<${Waiting} />`)}
      ${one && said && html`<article class="page notice" lang=${said.language}>
        <header class="column">
          <div class="row wrap">${one.severity !== "information" && html`<${Level} level=${one.severity} />`}
            ${one.status !== "in-force" && html`<span class="alert-mark">${words(`status.${one.status}`)}</span>`}
            ${one.drill && html`<span class="alert-mark">${words("alert.drill")}</span>`}${one.test && html`<span class="alert-mark">${words("alert.test")}</span>`}</div>
          <h2 class="notice-headline"><bdi>${said.headline}</bdi></h2>
          <p class="alert-facts small muted" lang=${language.value}><span class="row"><${Icon} name="badge-check" size=${16} class="verified" /><bdi title=${one.issuer}>${displayName(one.issuer)}</bdi></span>
            <time title=${full(Date.parse(one.effective_at))}>${ago(Date.parse(one.effective_at))}</time>${one.status === "in-force" && html`<${TimeLeft} alert=${one} live />`}</p>
        </header>
        <${MarkedText} text=${said.text} />
        ${one.link && isSafe(one.link) && html`<p><a class="alert-link" href=${one.link} target="_blank" rel="noopener noreferrer"><${Icon} name="external-link" size=${16} /><span dir="ltr">${one.link}</span></a></p>`}
        <${Files} those=${one.attachments ?? []} />
        ${tags.length > 1 && html`<div class="alert-languages" role="group" aria-label=${words("alert.languages")}>${tags.map((tag) => html`<button key=${tag} type="button" class=${`chip ${String(tag).slice(0, 2) === String(said.language).slice(0, 2) ? "chosen" : ""}`} lang=${tag} onClick=${() => setSpoken(String(tag).slice(0, 2))}>${languageName(String(tag))}</button>`)}</div>`}
      </article>`}
    </div>`;
}

/** The first words, without the marks of CommonMark. @param {string} text */
const plain = (text) => text.replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/[*_`#>~]+/g, "").replace(/\s+/g, " ").slice(0, 160);
