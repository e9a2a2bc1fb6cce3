// Groups and people to choose from: all of them for administrators, the names of their groups for others. They are asked for once, and again after changes.
import { signal } from "@preact/signals";
import * as api from "../../api/console-people.js";
import { reachableGroups } from "../../api/console-alerts.js";
import { isAdministrator, onSignOut } from "../../store/session.js";

/** `whole`: whether everybody is in it, and who is in the groups. @type {import("@preact/signals").Signal<{groups: import("../../api/console-people.js").Group[], accounts: import("../../api/console-people.js").Account[], whole: boolean} | null>} */
export const directory = signal(null);

/** @param {{anew?: boolean}} [how] */
export async function loadDirectory({ anew = false } = {}) {
  if (directory.value && !anew) return;
  if (!isAdministrator.value) {
    const groups = (await reachableGroups()).map((name) => ({ name, members: [] }));
    directory.value = { groups, accounts: [], whole: false };
    return;
  }
  const [groups, accounts] = await Promise.all([api.groups(), api.accounts()]);
  directory.value = { groups, accounts, whole: true };
}

onSignOut(() => (directory.value = null));
