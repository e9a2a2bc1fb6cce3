// Signing out on purpose: nothing that was read or begun stays in this browser.
import { forgetKept } from "./kept.js";
import { signOut } from "./session.js";

export async function leave() {
  forgetKept();
  await signOut();
}
