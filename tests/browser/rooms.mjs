// A room is made, somebody is asked into it, they talk in it, and one of them leaves.

import { accessible, assert, flow, open, picture, quiet, settings, signIn } from "./harness.mjs";
import { goTo, gone, message, saidIs, text, write } from "./talking.mjs";

const TITLE = "Shift \u00d1 3 <b>";

await flow(async (browser) => {
  const anna = await signIn(browser, "anna", settings.anna, { path: "/chats" });
  const bert = await signIn(browser, "bert", settings.bert, { width: 360, height: 740, locale: "es-ES" });

  await anna.getByRole("button", { name: "New", exact: true }).click();
  await anna.getByRole("menuitem", { name: "New room" }).click();
  await anna.getByLabel("Title").fill(TITLE);
  await accessible(anna, "making a room");
  await anna.getByRole("button", { name: "Create the room" }).click();
  await anna.locator(".conversation-head h1", { hasText: TITLE }).waitFor();
  const room = decodeURIComponent(new URL(anna.url()).pathname.split("/")[2]);
  await write(anna, "Said before he came");

  await anna.getByRole("button", { name: "Details" }).click();
  await anna.getByRole("button", { name: "Add people" }).click();
  await anna.getByLabel("Name or address").fill("bert");
  await accessible(anna, "asking somebody into a room");
  await anna.getByRole("button", { name: "Add 1 person" }).click();
  await anna.locator(".drawer h3", { hasText: "2 members" }).waitFor();
  await accessible(anna, "the details of a room");
  await picture(anna, "room");

  await bert.locator(".request", { hasText: TITLE }).waitFor();
  await accessible(bert, "an invitation into a room, on a phone, in Spanish");
  await picture(bert, "room-invitation-phone");
  await bert.getByRole("button", { name: "Entrar en la sala" }).click();
  await bert.locator(".conversation-head h1", { hasText: TITLE }).waitFor();
  await write(bert, "Buenos d\u00edas");
  await message(anna, "Buenos d\u00edas").locator(".message-name", { hasText: "bert" }).waitFor();
  await accessible(bert, "a room on a phone, in Spanish");

  // Who looks elsewhere sees that something came; who opens it has read it.
  await bert.getByRole("button", { name: "Volver" }).click();
  await write(anna, "One");
  await write(anna, "Two");
  await bert.locator(".line.unread .badge", { hasText: "2" }).waitFor();
  assert.match(await bert.title(), /^\(2\)/);
  await bert.locator(".line.unread").click();
  await bert.waitForSelector(text("Two"));
  await bert.waitForFunction(() => !document.title.startsWith("("));
  for (const page of [anna, bert]) assert.deepEqual((await page.locator(".message-text").allTextContents()).slice(-3), ["Buenos d\u00edas", "One", "Two"]);

  // How far it was read is the same in a browser that never was here, also where it comes into the room before it is told.
  await bert.getByRole("button", { name: "Volver" }).click();
  await write(anna, "Three");
  await bert.locator(".line.unread .badge", { hasText: "1" }).waitFor();
  const fresh = await open(browser);
  let tell = () => {};
  const held = new Promise((resolve) => (tell = resolve));
  await fresh.route("**/api/v1/conversations*", async (route) => {
    await held;
    await route.continue();
  });
  await fresh.fill("input[autocomplete=username]", "bert");
  await fresh.fill("input[type=password]", settings.bert);
  await fresh.click("button[type=submit]");
  await fresh.locator(".line", { hasText: "Three" }).waitFor();
  tell();
  await fresh.locator(".line.unread", { hasText: TITLE }).locator(".badge", { hasText: /^1$/ }).waitFor();
  await bert.locator(".line.unread").click();
  await bert.waitForSelector(text("Three"));
  await gone(fresh, ".line.unread");

  // Who has left gets no more of it.
  await bert.getByRole("button", { name: "Detalles" }).click();
  await accessible(bert, "the details of a room on a phone, in Spanish");
  await bert.getByRole("button", { name: "Salir de la sala" }).click();
  await gone(bert, ".conversation");
  await write(anna, "Said without him");
  await goTo(anna, "bert@office.internal");
  await write(anna, "Said to him alone");
  await bert.locator(".line.unread", { hasText: "Said to him alone" }).waitFor();
  assert.equal(await bert.locator(".line.unread").count(), 1);
  await goTo(bert, room);
  await bert.locator(".composer-closed").waitFor();
  assert.equal(await bert.locator(text("Said without him")).count(), 0);
  await accessible(bert, "a room that one has left, on a phone, in Spanish");
  await bert.reload();
  await bert.locator(".composer-closed").waitFor();
  await gone(bert, ".message-space .one-moment");
  await goTo(anna, room);
  await saidIs(anna, "Said before he came", "Buenos d\u00edas", "One", "Two", "Three", "Said without him");
  quiet(anna, bert, fresh);
});
