// Two people talk: what one writes the other reads, at once, after a time without the service, and after a crash.

import { accessible, ask, assert, flow, picture, quiet, settings, signIn } from "./harness.mjs";

const HOSTILE = '<img src=x onerror="document.title=1"> \u202eevil\u202c & "quotes"';

await flow(async (browser) => {
  const anna = await signIn(browser, "anna", settings.anna, { path: "/chats/bert@office.internal" });
  const bert = await signIn(browser, "bert", settings.bert, { width: 360, height: 740, theme: "dark", locale: "es-ES" });
  await write(anna, "Good morning");
  await bert.waitForSelector('.line.unread:has-text("Good morning")');
  assert.match(await bert.title(), /^\(1\)/);
  await accessible(bert, "the list of conversations on a phone, in Spanish");
  await picture(bert, "chats-phone-dark");

  await bert.click(".line.unread");
  await bert.waitForSelector(text("Good morning"));
  await anna.waitForFunction(() => document.querySelector(".progress")?.textContent?.includes("Read"));
  await write(bert, HOSTILE);
  await anna.waitForFunction(
    (words) => [...document.querySelectorAll(".message-text")].some((one) => one.textContent?.includes(words)),
    '<img src=x onerror="document.title=1">',
  );
  assert.equal(await anna.locator(".message-text img").count(), 0);
  await accessible(anna, "a conversation");
  await picture(anna, "chat");

  // The service is gone in the middle of it: what is written waits, and arrives once.
  await ask("kill");
  await anna.waitForSelector(".reconnect");
  await write(anna, "Written while it was away");
  await accessible(anna, "a conversation without the service");
  await ask("launch");
  await bert.waitForSelector(text("Written while it was away"));
  await anna.waitForSelector(".reconnect", { state: "detached" });
  await anna.reload();
  await anna.waitForSelector(text("Written while it was away"));
  for (const page of [anna, bert]) {
    assert.equal(await page.locator(text("Written while it was away")).count(), 1);
    assert.equal(await page.title().then((title) => title === "1"), false);
  }
  quiet(anna, bert);
});

function text(words) {
  return `.message-text:has-text(${JSON.stringify(words)})`;
}

async function write(page, words) {
  await page.fill("textarea", words);
  await page.keyboard.press("Enter");
}
