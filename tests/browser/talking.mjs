// What flows of conversations share: writing, and finding what was said.

import { assert } from "./harness.mjs";

/** Words as `page.locator` finds the message that has them. */
export const text = (words) => `.message-text:has-text(${JSON.stringify(words)})`;

/** Writes a message in the conversation that is open, as people do: by typing and Enter. */
export async function write(page, words) {
  await page.fill(".composer textarea", words);
  await page.press(".composer textarea", "Enter");
}

/** Goes to a conversation without loading the page again. */
export async function goTo(page, address) {
  await page.evaluate((path) => {
    history.pushState(null, "", path);
    dispatchEvent(new PopStateEvent("popstate"));
  }, `/chats/${encodeURIComponent(address)}`);
  await page.waitForSelector(".conversation");
}

/** What is said in the conversation that is open, in the order of the screen. */
export const said = (page) => page.locator(".message-text").allTextContents();

/** Waits until exactly these were said, in this order. */
export async function saidIs(page, ...wanted) {
  const isSo = (all) => {
    const now = [...document.querySelectorAll(".message-text")].map((one) => one.textContent);
    return JSON.stringify(now) === JSON.stringify(all);
  };
  await page.waitForFunction(isSo, wanted).catch(async () => assert.deepEqual(await said(page), wanted));
}

/** The message with these words, to look into or to act on. */
export const message = (page, words) => page.locator(".message", { has: page.locator(text(words)) });

/** Chooses something of what can be done with a message, as with a mouse. */
export async function choose(page, words, label) {
  const one = message(page, words);
  await one.hover();
  await one.locator(".actions > .menu-place > button").last().click();
  await one.getByRole("menuitem", { name: label }).click();
}

/** Edits a message to other words. */
export async function edit(page, words, label, others) {
  await choose(page, words, label);
  await page.waitForFunction((now) => document.querySelector(".composer textarea")?.value === now, words);
  await write(page, others);
}

/** Waits for a selector to be gone. */
export const gone = (page, selector) => page.waitForSelector(selector, { state: "detached" });
