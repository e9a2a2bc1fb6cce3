// One person looks at the same conversation in two browsers and in two tabs: nothing twice, and read once is read.

import { accessible, assert, flow, look, quiet, settings, signIn, tab, told } from "./harness.mjs";
import { goTo, gone, saidIs, text, write } from "./talking.mjs";

await flow(async (browser) => {
  const anna = await signIn(browser, "anna", settings.anna, { path: "/chats/bert@office.internal" });
  const bert = await signIn(browser, "bert", settings.bert, { notifications: "granted", locale: "es-ES" });
  const second = await tab(bert);
  const phone = await signIn(browser, "bert", settings.bert, { width: 360, height: 740 });
  const all = [bert, second, phone];
  // Nobody looks at the tabs, so that one of them says by a notification what comes.
  for (const page of [bert, second]) await look(page, false);

  // How far what was written has come: sent where nobody is, delivered, read.
  await write(anna, "First");
  for (const page of all) await page.waitForSelector('.line.unread:has-text("First")');
  await stage(anna, "Delivered");
  await shownOnce([bert, second], "First");
  await accessible(second, "a second tab, in Spanish");

  // Typing is seen, and is over with the message.
  await phone.locator(".line.unread").click();
  await stage(anna, "Read");
  await phone.locator(".composer textarea").pressSequentially("Se");
  await anna.locator(".typing", { hasText: "bert is typing" }).waitFor();
  await accessible(anna, "a conversation in which somebody types");
  await write(phone, "Second");
  await anna.waitForSelector(text("Second"));
  await anna.locator(".typing", { hasText: "bert" }).waitFor({ state: "detached" });

  // Read on one device is read on all, also what was answered from another.
  for (const page of all) {
    await page.waitForFunction(() => !document.title.startsWith("("));
    await page.waitForSelector(".line", { state: "attached" });
    await gone(page, ".line.unread");
  }
  await write(anna, "Third");
  await stage(anna, "Read");
  for (const page of [bert, second]) await look(page, true);
  await goTo(bert, "anna@office.internal");
  await write(bert, "Fourth");
  await goTo(second, "anna@office.internal");
  await write(second, "Fifth");
  for (const page of [anna, ...all]) await saidIs(page, "First", "Second", "Third", "Fourth", "Fifth");
  for (const page of [anna, ...all]) {
    await page.reload();
    await saidIs(page, "First", "Second", "Third", "Fourth", "Fifth");
  }
  quiet(anna, ...all);
});

async function stage(page, word) {
  await page.locator(".progress", { hasText: word }).waitFor();
}

/** What these tabs have shown is one notification: the second replaces the first. It has rung once. */
async function shownOnce(pages, words) {
  for (const page of pages) await page.waitForFunction(() => globalThis.shownNotifications.length > 0);
  const all = await Promise.all(pages.map(told));
  const shown = all.flatMap((one) => one.shown.map(({ tag, body }) => JSON.stringify([tag, body])));
  assert.deepEqual([...new Set(shown)], [JSON.stringify(["anna@office.internal", words])]);
  assert.deepEqual(all.flatMap((one) => one.rung), ["/sounds/message.wav"]);
}
