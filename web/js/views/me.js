// What is the person's own: status, settings, privacy, devices, password, data.
import { html } from "../html.js";
import { words } from "../words.js";
import { go } from "../router.js";
import { leave } from "../store/leaving.js";
import { session } from "../store/session.js";
import { Avatar } from "../parts/avatar.js";
import { Button, IconButton } from "../parts/button.js";
import { Icon } from "../parts/icon.js";
import { ListPane } from "../parts/pane.js";
import { moveInList } from "../parts/list-keys.js";
import { StatusPage } from "./me-status.js";
import { SettingsPage } from "./me-settings.js";
import { PrivacyPage } from "./me-privacy.js";
import { DevicesPage } from "./me-devices.js";
import { PasswordPage } from "./me-password.js";
import { DataPage } from "./me-data.js";
import { openShortcuts } from "./dialogs.js";

/** @type {Record<string, {icon: string, page: any}>} */
const pages = {
  status: { icon: "smile", page: StatusPage },
  settings: { icon: "settings", page: SettingsPage },
  privacy: { icon: "eye-off", page: PrivacyPage },
  devices: { icon: "monitor-smartphone", page: DevicesPage },
  password: { icon: "key-round", page: PasswordPage },
  data: { icon: "file-text", page: DataPage },
};

/** @param {{parts: string[]}} properties */
export function Me({ parts: [asked] }) {
  const chosen = asked in pages ? asked : "status";
  const { page: Page } = pages[chosen];
  const own = session.value;
  return html`<${ListPane} label=${words("me")}>
      <header class="pane-head"><h1>${words("me")}</h1></header>
      <div class="me-who"><${Avatar} name=${own?.name ?? "?"} address=${own?.address ?? ""} size=${64} /><div class="grow"><p class="strong cut"><bdi>${own?.name}</bdi></p><p class="small muted cut"><bdi>${own?.address}</bdi></p></div></div>
      <nav class="grow scrolls rows" aria-label=${words("me")} onKeyDown=${moveInList}>
        ${Object.entries(pages).map(([name, { icon }]) => html`<a key=${name} class=${`line inset place-line ${name === chosen ? "chosen" : ""}`} href=${`/me/${name}`} aria-current=${name === asked ? "page" : undefined}>
          <${Icon} name=${icon} /><span class="grow">${words(`me.${name}`)}</span></a>`)}
        <button type="button" class="line inset place-line" onClick=${openShortcuts}><${Icon} name="keyboard" /><span class="grow">${words("keys.title")}</span></button>
      </nav>
      <div class="me-foot"><${Button} icon="log-out" wide onClick=${leave}>${words("sign-out")}<//>
        <p class="tiny muted">${own?.service_name} · messngr ${own?.version}</p></div>
    <//>
    <main class="pane main"><header class="pane-head"><${IconButton} class="back" icon="arrow-left" label=${words("back")} onClick=${() => go("/me")} /><h1>${words(`me.${chosen}`)}</h1></header>
      <div class="pane-body"><div class="page"><${Page} key=${chosen} /></div></div></main>`;
}
