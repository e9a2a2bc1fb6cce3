// How this browser looks and rings.
import { html } from "../html.js";
import { language, languages, loadWords, words } from "../words.js";
import { askPermission, failed, notify, permission, play } from "../store/notifications.js";
import { change, settings } from "../store/settings.js";
import { Button } from "../parts/button.js";
import { Choice, Segments, Switch } from "../parts/field.js";
import { Icon } from "../parts/icon.js";

export function SettingsPage() {
  const { theme, density, sounds, notifications, previews, quiet, enterSends } = settings.value;
  return html`
    <section class="block" aria-labelledby="looks-title"><h2 id="looks-title">${words("settings.looks")}</h2>
      <${Choice} label=${words("settings.language")} value=${language.value} options=${Object.entries(languages)} onChange=${async (/** @type {string} */ value) => { change({ language: value }); await loadWords(); }} />
      <${Segments} label=${words("settings.theme")} value=${theme} options=${["system", "light", "dark"].map((one) => [one, words(`settings.theme.${one}`)])} onChange=${(/** @type {any} */ value) => change({ theme: value })} />
      <${Segments} label=${words("settings.density")} value=${density} options=${["roomy", "compact"].map((one) => [one, words(`settings.density.${one}`)])} onChange=${(/** @type {any} */ value) => change({ density: value })} />
      <${Switch} label=${words("settings.enter")} hint=${words("settings.enter.what")} checked=${enterSends} onChange=${(/** @type {boolean} */ on) => change({ enterSends: on })} />
    </section>
    <section class="block" aria-labelledby="rings-title"><h2 id="rings-title">${words("settings.rings")}</h2>
      <${Permission} />
      <${Switch} label=${words("settings.notifications")} hint=${words("settings.notifications.what")} checked=${notifications && permission.value === "granted"} disabled=${permission.value !== "granted"} onChange=${(/** @type {boolean} */ on) => change({ notifications: on })} />
      <${Switch} label=${words("settings.previews")} checked=${previews} onChange=${(/** @type {boolean} */ on) => change({ previews: on })} />
      <${Switch} label=${words("settings.sounds")} checked=${sounds} onChange=${(/** @type {boolean} */ on) => change({ sounds: on })} />
      <div class="row"><${Button} icon="volume-2" onClick=${() => play("message")}>${words("settings.try-sound")}<//>
        ${permission.value === "granted" && html`<${Button} icon="bell" onClick=${() => notify("messngr", words("settings.try-text"), "try", "/me/settings")}>${words("settings.try-notification")}<//>`}</div>
    </section>
    <section class="block" aria-labelledby="quiet-title"><h2 id="quiet-title">${words("settings.quiet")}</h2>
      <${Switch} label=${words("settings.quiet.on")} hint=${words("settings.quiet.what")} checked=${quiet.on} onChange=${(/** @type {boolean} */ on) => change({ quiet: { ...quiet, on } })} />
      ${quiet.on && html`<div class="row quiet-hours">
        <label class="field"><span class="small strong">${words("settings.quiet.from")}</span><input class="input" type="time" value=${quiet.from} onInput=${(/** @type {any} */ event) => change({ quiet: { ...quiet, from: event.currentTarget.value } })} /></label>
        <label class="field"><span class="small strong">${words("settings.quiet.until")}</span><input class="input" type="time" value=${quiet.until} onInput=${(/** @type {any} */ event) => change({ quiet: { ...quiet, until: event.currentTarget.value } })} /></label></div>`}
    </section>`;
}

/** What the browser says to notifications, and what can be done about it. */
function Permission() {
  if (permission.value === "default") {
    return html`<div class="note"><${Icon} name="bell-ring" size=${16} /><p class="grow">${words("permission.ask")}</p><${Button} kind="primary" onClick=${askPermission}>${words("permission.allow")}<//></div>`;
  }
  if (permission.value === "denied") return html`<p class="note problem"><${Icon} name="bell-off" size=${16} /><span>${words("permission.denied")}</span></p>`;
  if (permission.value === "unsupported") return html`<p class="note"><${Icon} name="bell-off" size=${16} /><span>${words("permission.unsupported")}</span></p>`;
  return failed.value && html`<p class="note problem" role="alert"><${Icon} name="circle-alert" size=${16} /><span>${words("permission.failed")}</span></p>`;
}
