// What somebody may do in the console.
import { levels } from "../../api/alerts.js";
import { hasRole, isAdministrator, session } from "../../store/session.js";

/**
 * `see`: alerts, all or one's own; `read`: all of them, and how the service is.
 * @typedef {"publish" | "see" | "read" | "audit" | "administer"} Need
 */

/** @param {Need} need */
export function may(need) {
  if (isAdministrator.value) return true;
  if (need === "publish") return hasRole("publisher");
  if (need === "see") return hasRole("publisher") || hasRole("auditor");
  return need !== "administer" && hasRole("auditor");
}

/** The most serious alerts that the person may send to anybody. */
export function severest() {
  if (isAdministrator.value) return levels.length - 1;
  return Math.max(-1, ...publishes().map(({ level }) => levels.indexOf(/** @type {any} */ (level))));
}

/** Whether the person may alert everybody. */
export const mayAlertEveryone = () => isAdministrator.value || publishes().some(({ audience }) => audience === "everyone");

/** The rights to publish, as the service writes them: `publish:AUDIENCE:LEVEL`. */
const publishes = () => (session.value?.rights ?? []).flatMap((right) => {
  const [, audience, level] = /^publish:(.*):([a-z]+)$/.exec(right) ?? [];
  return audience ? [{ audience, level }] : [];
});

/** Whether the person may change what somebody has sent, or planned. @param {string} issuer */
export const mayChange = (issuer) => isAdministrator.value || (may("publish") && issuer === session.value?.address);
