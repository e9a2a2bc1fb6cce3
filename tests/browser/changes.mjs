// A message is answered, reacted to, edited and taken back: between two, and in a room.

import { accessible, assert, countIs, flow, picture, quiet, settings, signIn } from "./harness.mjs";
import { choose, edit, goTo, gone, message, saidIs, text, write } from "./talking.mjs";

await flow(async (browser) => {
  const anna = await signIn(browser, "anna", settings.anna, { path: "/chats/bert@office.internal" });
  const bert = await signIn(browser, "bert", settings.bert, { width: 1024, height: 700, locale: "es-ES", theme: "dark", path: "/chats/anna@office.internal" });
  await changes(anna, bert);
  await accessible(anna, "a conversation with an answer, a reaction, an edit and what was taken back");
  await picture(bert, "changes-dark");

  const room = await anna.evaluate(async () => {
    const headers = { "content-type": "application/json" };
    const made = await fetch("/api/v1/rooms", { method: "POST", headers, body: JSON.stringify({ name: "shift", title: "Shift", members: ["bert@office.internal"], open: true }) });
    return (await made.json()).address;
  });
  await bert.evaluate((address) => fetch(`/api/v1/rooms/${encodeURIComponent(address)}/membership`, { method: "PUT", headers: { "content-type": "application/json" }, body: "{}" }), room);
  for (const page of [anna, bert]) await goTo(page, room);
  await changes(anna, bert);
  await accessible(bert, "a room with all of it, in Spanish");

  // All of it is what the service keeps, and not only what these pages remember.
  for (const page of [anna, bert]) {
    await page.reload();
    await outcome(page);
    await page.locator(".line", { hasText: "Shift" }).waitFor();
  }

  // The list tells it, too, where something else is looked at: what was taken back is neither shown nor counted.
  const carl = await signIn(browser, "carl", settings.carl, { path: "/chats/bert@office.internal" });
  await goTo(bert, "carl@office.internal");
  await goTo(anna, "bert@office.internal");
  await write(anna, "Said too much");
  await bert.locator(".line.unread", { hasText: "Said too much" }).waitFor();
  await choose(anna, "Said too much", "Take back");
  await bert.locator('.line[href="/chats/anna@office.internal"]:not(.unread)', { hasText: "Bring the key" }).waitFor();
  await write(carl, "Last of all");
  await bert.waitForSelector(text("Last of all"));
  await bert.reload();
  await bert.waitForSelector(text("Last of all"));
  await bert.locator('.line[href="/chats/anna@office.internal"]:not(.unread)', { hasText: "Bring the key" }).waitFor();
  assert.equal(await bert.locator(".line", { hasText: "Said too much" }).count(), 0);
  quiet(anna, bert, carl);
});

/** What both see at the end. */
async function outcome(page) {
  await saidIs(page, "It is at nine", "At nine, then", "Bring the key");
  await message(page, "At nine, then").locator(".quote-text", { hasText: "It is at nine" }).waitFor();
  await message(page, "It is at nine").locator(".message-edited").waitFor();
  await countIs(page, ".reaction", 1);
  await countIs(page, ".message-gone", 1);
}

/** Anna writes on an English page, Bert answers on a Spanish one. */
async function changes(anna, bert) {
  await write(anna, "It is at eight");
  await bert.waitForSelector(text("It is at eight"));

  // A reaction, and another one that is taken back by a second click.
  await message(bert, "It is at eight").hover();
  await message(bert, "It is at eight").getByRole("button", { name: "Reaccionar" }).click();
  await accessible(bert, "choosing an emoji, in Spanish");
  await bert.getByRole("button", { name: "\ud83d\udc4d", exact: true }).click();
  const reaction = message(anna, "It is at eight").locator(".reaction", { hasText: "\ud83d\udc4d" });
  await reaction.locator(".figures", { hasText: "1" }).waitFor();
  await reaction.click();
  await message(bert, "It is at eight").locator(".reaction .figures", { hasText: "2" }).waitFor();
  await reaction.click();
  await message(bert, "It is at eight").locator(".reaction .figures", { hasText: "1" }).waitFor();

  // An answer names what it answers; the edit changes that too.
  await message(bert, "It is at eight").hover();
  await message(bert, "It is at eight").getByRole("button", { name: "Responder" }).click();
  await bert.locator(".composer .about").waitFor();
  await write(bert, "At nine, then");
  await message(anna, "At nine, then").locator(".quote-text", { hasText: "It is at eight" }).waitFor();
  await edit(anna, "It is at eight", "Edit", "It is at nine");
  await message(bert, "It is at nine").locator(".message-edited").waitFor();
  await message(bert, "At nine, then").locator(".quote-text", { hasText: "It is at nine" }).waitFor();

  // What is taken back is gone for both; who did not write it is not offered to.
  await write(anna, "Said by mistake");
  await bert.waitForSelector(text("Said by mistake"));
  await message(bert, "Said by mistake").hover();
  await message(bert, "Said by mistake").getByRole("button", { name: "M\u00e1s" }).click();
  await bert.getByRole("menu").waitFor();
  await accessible(bert, "the menu of a message, in Spanish");
  assert.equal(await bert.getByRole("menuitem", { name: "Retirar" }).count(), 0);
  assert.equal(await bert.getByRole("menuitem", { name: "Editar" }).count(), 0);
  await bert.keyboard.press("Escape");
  await choose(anna, "Said by mistake", "Take back");
  for (const page of [anna, bert]) {
    await gone(page, text("Said by mistake"));
    await page.waitForSelector(".message-gone");
  }
  await write(anna, "Bring the key");
  for (const page of [anna, bert]) await outcome(page);
}
