// A real NET SEND opens as a box, one after another, and stays until it is closed on purpose.

import { accessible, assert, flow, netSend, picture, quiet, settings, signIn } from "./harness.mjs";
import { gone, goTo, saidIs, text, write } from "./talking.mjs";

const MARKUP = '<img src=x onerror="document.title=1"> & 5 \u20ac';

await flow(async (browser) => {
  const anna = await signIn(browser, "anna", settings.anna, { path: "/chats/bert@office.internal" });
  const bert = await signIn(browser, "bert", settings.bert, { width: 360, height: 740, theme: "dark", locale: "es-ES" });

  // It comes while she writes, and no key that was meant for her words closes it.
  await anna.click(".composer textarea");
  await anna.keyboard.type("Typed while");
  await netSend("fred", "ANNA", "Paper's empty\nin the second tray");
  await anna.waitForSelector(".box");
  await anna.keyboard.type(" it came ");
  await anna.keyboard.press("Enter");
  await anna.waitForSelector(text("Typed while it came"));
  await anna.locator(".box .button.primary:enabled").waitFor();
  for (const key of ["Space", "Enter"]) await anna.keyboard.press(key);
  await boxIs(anna, { from: "fred", words: "Paper's empty\nin the second tray" });
  assert.equal(await anna.locator(".box .facts .figures").textContent(), "127.0.0.1");
  assert.match(await anna.locator(".box time").textContent(), /20\d\d.*\d\d:\d\d:\d\d/);
  assert.match(await anna.locator(".box").innerText(), /Unverified\. Anyone on the network/);

  // The next waits behind it.
  await netSend("j\u00fcrgen", "ANNA", MARKUP);
  await anna.waitForSelector(".box .badge:has-text('2 messages')");
  await boxIs(anna, { from: "fred" });
  await accessible(anna, "a message box over a conversation");
  await picture(anna, "box");

  await anna.reload();
  await anna.waitForSelector(".box .badge:has-text('2 messages')");
  await boxIs(anna, { from: "fred" });
  await close(anna);
  await boxIs(anna, { from: "j\u00fcrgen", words: MARKUP });
  assert.equal(await anna.locator(".box .badge").count(), 0);
  await close(anna);
  await gone(anna, ".box");

  // What was closed was read; it stays as a conversation that says what it is worth.
  await anna.reload();
  await anna.locator(".line", { hasText: "fred" }).click();
  assert.equal(await anna.locator(".line.unread").count(), 0);
  await anna.waitForSelector(".trust.unverified:has-text('127.0.0.1')");
  await saidIs(anna, "Paper's empty\nin the second tray");
  assert.equal(await anna.locator(".message.unverified").count(), 1);
  await anna.waitForSelector(".trust.unverified:has-text('What you answer goes to that machine unencrypted')");
  // An old machine gets words alone.
  assert.equal(await anna.locator(".composer [aria-label='Attach a file']").count(), 0);
  assert.equal(await anna.locator(".box").count(), 0);
  await accessible(anna, "a conversation of an unverified sender");
  // They can be answered, with words alone, and blocked.
  await write(anna, "There is more in the cupboard");
  await anna.locator(".message.own", { hasText: "in the cupboard" }).locator(".progress").waitFor();
  await anna.locator(".line", { hasText: "in the cupboard" }).locator(".trust-word").waitFor();
  await anna.getByRole("button", { name: "Details" }).click();
  await anna.locator(".details .facts", { hasText: "127.0.0.1" }).waitFor();
  await anna.locator(".details").getByRole("button", { name: "Block" }).click();
  await anna.locator(".composer-closed").waitFor();
  await accessible(anna, "details of a blocked unverified sender");
  await anna.locator(".details").getByRole("button", { name: "Unblock" }).click();
  await anna.waitForSelector(".composer");
  await anna.getByRole("button", { name: "Details" }).click();
  // What became of it is told: nothing takes messages here, unless this machine has a Samba of its own.
  const lost = anna.locator(".line", { hasText: "Your message to FRED did not arrive" });
  await lost.or(anna.locator(".progress", { hasText: "Delivered" })).first().waitFor();
  if ((await lost.count()) > 0) {
    await lost.click();
    await anna.locator(".message", { hasText: "> There is more in the cupboard" }).waitFor();
    await accessible(anna, "what did not arrive");
  }

  // Whoever calls themselves by somebody's address is not that person: neither who is talked with nor oneself.
  await goTo(anna, "bert@office.internal");
  await goTo(bert, "anna@office.internal");
  await write(bert, "Truly mine");
  await anna.waitForSelector(text("Truly mine"));
  for (const name of ["bert@office.internal", "anna@office.internal"]) {
    await netSend(name, "ANNA", `Forged as ${name}`);
    await boxIs(anna, { from: name, words: `Forged as ${name}` });
    await close(anna);
    await gone(anna, ".box");
    await anna.locator(".line", { hasText: `Forged as ${name}` }).locator(".trust-word").waitFor();
  }
  for (const load of [() => {}, () => anna.reload()]) {
    await load();
    await saidIs(anna, "Typed while it came", "Truly mine");
    await anna.waitForSelector(".composer");
    for (const name of ["bert@office.internal", "anna@office.internal"]) {
      const line = anna.locator(".line", { hasText: `Forged as ${name}` });
      await line.locator(".line-name", { hasText: name }).waitFor();
    }
    assert.equal(await anna.locator(".trust.unverified").count(), 0);
    await anna.locator(".line", { hasText: "Truly mine" }).waitFor();
  }
  await anna.getByRole("button", { name: "Search in this conversation" }).click();
  await anna.getByRole("searchbox").fill("mine");
  await anna.locator(".result", { hasText: "Truly mine" }).waitFor();
  await anna.locator(".line", { hasText: "Forged as bert" }).click();
  await saidIs(anna, "Forged as bert@office.internal");
  await anna.locator(".conversation-head h1", { hasText: "bert@office.internal" }).waitFor();
  await accessible(anna, "a conversation of somebody with another's address as a name");
  await anna.waitForFunction(() => !document.title.startsWith("("));

  // On a phone, in Spanish: from the keyboard alone, once it has the focus by intention.
  assert.equal(await bert.locator(".box").count(), 0);
  await netSend("fred", "BERT", "Lunch is here");
  await boxIs(bert, { from: "fred", words: "Lunch is here" });
  await accessible(bert, "a message box on a phone, in Spanish");
  await picture(bert, "box-phone-dark");
  await bert.locator(".box .button.primary:enabled").focus();
  await bert.keyboard.press("Enter");
  await gone(bert, ".box");
  assert.equal(await anna.locator(".box").count(), 0);

  // What is closed in one browser is closed in the person's others, also where they were not there then.
  const desk = await signIn(browser, "bert", settings.bert);
  await netSend("fred", "BERT", "Supper, too");
  for (const page of [bert, desk]) await boxIs(page, { from: "fred", words: "Supper, too" });
  await close(bert);
  for (const page of [bert, desk]) await gone(page, ".box");
  await netSend("fred", "BERT", "Breakfast, too");
  for (const page of [bert, desk]) await boxIs(page, { from: "fred", words: "Breakfast, too" });
  await desk.goto("about:blank");
  await close(bert);
  await bert.waitForFunction(async () => (await (await fetch("/api/v1/conversations")).json()).every((one) => one.unread === 0));
  await desk.goBack();
  await desk.locator(".line", { hasText: "Breakfast, too" }).waitFor();
  await gone(desk, ".box");
  quiet(anna, bert, desk);
});

async function boxIs(page, { from, words }) {
  await page.locator(".box h2 bdi", { hasText: from }).waitFor();
  assert.equal(await page.locator(".box").count(), 1);
  if (words !== undefined) assert.equal(await page.locator(".box-text").textContent(), words);
}

async function close(page) {
  await page.click(".box .button.primary");
}
