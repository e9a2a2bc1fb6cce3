// Groups and people to choose from, where whoever writes may see them. They are asked for once, and again after changes.
import { signal } from "@preact/signals";
import * as api from "../../api/console-people.js";
import { isAdministrator, onSignOut } from "../../store/session.js";

/** @type {import("@preact/signals").Signal<{groups: import("../../api/console-people.js").Group[], accounts: import("../../api/console-people.js").Account[]} | null>} */
export const directory = signal(null);

/** @param {{anew?: boolean}} [how] */
export async function loadDirectory({ anew = false } = {}) {
  if (!isAdministrator.value || (directory.value && !anew)) return;
  const [groups, accounts] = await Promise.all([api.groups(), api.accounts()]);
  directory.value = { groups, accounts };
}

onSignOut(() => (directory.value = null));
