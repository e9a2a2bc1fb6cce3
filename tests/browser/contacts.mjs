// How people are to one another: who asks, who is there, who is away, who may not write, and what is reported.

import { accessible, assert, flow, quiet, settings, signIn } from "./harness.mjs";
import { choose, gone, goTo, message, saidIs, text, write } from "./talking.mjs";

await flow(async (browser) => {
  const anna = await signIn(browser, "anna", settings.anna, { path: "/chats" });
  const bert = await signIn(browser, "bert", settings.bert, { width: 360, height: 740, locale: "es-ES" });

  // One asks, the other accepts and asks back.
  await anna.evaluate(async () => {
    const headers = { "content-type": "application/json" };
    await fetch("/api/v1/contacts/bert@office.internal", { method: "PUT", headers, body: JSON.stringify({ labels: ["Shift 3"] }) });
  });
  await anna.getByRole("tab", { name: "Contacts" }).click();
  await anna.locator(".label-head", { hasText: "Shift 3" }).waitFor();
  await anna.locator(".line", { hasText: "bert" }).click();
  await anna.getByRole("button", { name: "Details" }).click();
  await anna.waitForSelector(".details-actions");
  await accessible(anna, "the details of a person");
  await anna.locator(".details-actions").getByRole("button").first().click();
  await bert.locator(".request", { hasText: "anna@office.internal" }).waitFor();
  await accessible(bert, "a request on a phone, in Spanish");
  await bert.getByRole("button", { name: "Aceptar" }).click();
  await gone(bert, ".request");
  await anna.locator(".request", { hasText: "bert@office.internal" }).getByRole("button", { name: "Accept" }).click();
  await gone(anna, ".request");

  // What one says of oneself is seen by the other.
  await bert.clock.install();
  await bert.goto(new URL("/me/status", bert.url()).href);
  await bert.getByLabel("Texto de estado").fill("En el laboratorio");
  await bert.getByRole("button", { name: "Guardar" }).click();
  await anna.locator(".conversation-head", { hasText: "En el laboratorio" }).waitFor();
  await bert.locator(".choice-card", { hasText: "No molestar" }).click();
  await anna.locator(".conversation-head", { hasText: "Do not disturb" }).waitFor();
  await accessible(bert, "one's own status on a phone, in Spanish");
  await bert.locator(".choice-card", { hasText: "Disponible" }).click();
  await anna.locator(".conversation-head", { hasText: "Available" }).waitFor();

  // Who touches nothing for long is away by themselves, and back at the first touch.
  await bert.clock.fastForward("11:00");
  await anna.locator(".conversation-head", { hasText: "Away" }).waitFor();
  await bert.mouse.move(50, 50);
  await bert.mouse.move(60, 60);
  await anna.locator(".conversation-head", { hasText: "Available" }).waitFor();

  // Who is out of office says so once.
  await bert.locator("section[aria-labelledby=absence-title] textarea").fill("Vuelvo el lunes");
  await bert.locator("section[aria-labelledby=absence-title] button[type=submit]").click();
  await bert.locator("section[aria-labelledby=absence-title] .note", { hasText: "Vuelvo el lunes" }).waitFor();
  await write(anna, "Are you there?");
  await anna.waitForSelector(text("Vuelvo el lunes"));
  await write(anna, "And now?");
  await goTo(bert, "anna@office.internal");
  await bert.waitForSelector(text("And now?"));
  await write(bert, "Sí");
  await saidIs(anna, "Are you there?", "Vuelvo el lunes", "And now?", "Sí");

  // What is suspicious is reported; who is not wanted is blocked, and let in again.
  await choose(anna, "Sí", "Report");
  await anna.getByLabel("What is suspicious about it?").fill("Too short");
  await accessible(anna, "reporting a message");
  await anna.locator(".dialog-foot .primary").click();
  await anna.locator(".toast", { hasText: "Reported to the administrators." }).waitFor();
  await anna.getByRole("button", { name: "Block", exact: true }).click();
  await anna.locator(".composer-closed").waitFor();
  await accessible(anna, "a blocked person");
  await write(bert, "Not wanted");
  await message(bert, "Not wanted").locator(".failed").waitFor();
  await accessible(bert, "a message that was refused, in Spanish");
  await anna.goto(new URL("/me/privacy", anna.url()).href);
  await anna.locator("section[aria-labelledby=blocked-title] li", { hasText: "bert@office.internal" }).waitFor();
  await accessible(anna, "who is blocked");
  await anna.getByRole("button", { name: "Unblock" }).click();
  await gone(anna, "section[aria-labelledby=blocked-title] li");

  // Who hides and shows themselves again is as open as before, and no more.
  await anna.locator(".choice-card", { hasText: "people of my groups" }).click();
  await anna.getByLabel("That you are typing").selectOption("nobody");
  await privacyIs(anna, ["contacts-and-my-groups", "everyone", "nobody"]);
  await anna.getByRole("switch", { name: "Hide" }).check();
  await privacyIs(anna, ["contacts", "contacts", "nobody"]);
  await anna.reload();
  await anna.getByRole("switch", { name: "Hide" }).uncheck();
  await privacyIs(anna, ["contacts-and-my-groups", "everyone", "nobody"]);
  await message(bert, "Not wanted").getByRole("button", { name: "Enviar de nuevo" }).click();
  await gone(bert, ".failed");
  await goTo(anna, "bert@office.internal");
  await anna.waitForSelector(text("Not wanted"));
  quiet(anna, bert);
});

/** Waits until the service says so of who writes, and of who sees that one has read and that one types. */
async function privacyIs(page, wanted) {
  const isSo = async (wanted) => {
    const { writes, reading, typing } = await (await fetch("/api/v1/me/privacy")).json();
    return JSON.stringify([writes, reading, typing]) === JSON.stringify(wanted);
  };
  await page.waitForFunction(isSo, wanted);
}
