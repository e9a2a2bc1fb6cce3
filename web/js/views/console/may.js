// What somebody may do in the console.
import { hasRole, isAdministrator } from "../../store/session.js";

/** @typedef {"publish" | "read" | "audit" | "administer"} Need */

/** @param {Need} need */
export function may(need) {
  if (isAdministrator.value) return true;
  if (need === "publish") return hasRole("publisher");
  return need !== "administer" && hasRole("auditor");
}
