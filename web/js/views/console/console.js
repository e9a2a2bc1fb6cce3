// The console: its places at the side, and the page.
import { html } from "../../html.js";
import { words } from "../../words.js";
import { Icon } from "../../parts/icon.js";
import { ListPane } from "../../parts/pane.js";
import { Audit } from "./audit.js";
import { Board } from "./board.js";
import { Compose } from "./compose.js";
import { Doors } from "./doors.js";
import { Drafts, Released } from "./phases.js";
import { Groups } from "./groups.js";
import { Here } from "./here.js";
import { may } from "./may.js";
import { Overview } from "./overview.js";
import { People } from "./people.js";
import { Schedules } from "./schedules.js";
import { Settings } from "./settings.js";
import { Templates } from "./templates.js";
import { Tokens } from "./tokens.js";

/** @type {Record<string, (properties: {parts: string[]}) => any>} */
const pages = {
  overview: Overview, new: Compose, alert: Board, waiting: Released, drafts: Drafts, schedules: Schedules, templates: Templates,
  people: People, groups: Groups, tokens: Tokens, here: Here, doors: Doors, audit: Audit, settings: Settings,
};

/** @type {[string, [string, string, import("./may.js").Need][]][]} */
const sections = [
  ["alerts", [["overview", "activity", "see"], ["new", "megaphone", "publish"], ["waiting", "list-checks", "see"], ["drafts", "pencil", "publish"], ["schedules", "calendar", "see"], ["templates", "clipboard-list", "see"]]],
  ["people", [["people", "user-round", "administer"], ["groups", "users", "administer"], ["here", "monitor-smartphone", "administer"], ["tokens", "key-round", "administer"]]],
  ["service", [["doors", "door-open", "read"], ["audit", "scroll-text", "audit"], ["settings", "settings", "administer"]]],
];

/** @param {{parts: string[]}} properties */
export function Console({ parts }) {
  const place = parts[0] in pages ? parts[0] : "overview";
  const Page = pages[place];
  return html`<${ListPane} label=${words("console")}><header class="pane-head"><h1>${words("console")}</h1></header>
      <nav class="grow scrolls console-places" aria-label=${words("console")}>
        ${sections.map(([section, places]) => {
          const mine = places.filter(([, , need]) => may(need));
          return mine.length > 0 && html`<section key=${section}><h2 class="alert-section">${words(`console.${section}`)}</h2>
            ${mine.map(([name, icon]) => html`<a key=${name} class=${`console-place inset ${isAt(name, place) ? "chosen" : ""}`} href=${`/console/${name}`} aria-current=${isAt(name, place) ? "page" : undefined}>
              <${Icon} name=${icon} size=${18} /><span>${words(`console.place.${name}`)}</span></a>`)}</section>`;
        })}
      </nav>
    <//>
    <main class="pane main console-main"><${Page} key=${place} parts=${parts.slice(1)} /></main>`;
}

/** A board belongs to the overview. @param {string} name @param {string} place */
const isAt = (name, place) => name === place || (name === "overview" && place === "alert");
