// What somebody may do in the console.
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

/** Whether the person may change what somebody has sent, or planned. @param {string} issuer */
export const mayChange = (issuer) => isAdministrator.value || (may("publish") && issuer === session.value?.address);
