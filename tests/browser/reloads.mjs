// A page is loaded again while a file is on its way and while an alert lies over it.

import { accessible, ask, assert, command, flow, quiet, settings, signIn } from "./harness.mjs";
import { gone, saidIs, text, write } from "./talking.mjs";

await flow(async (browser) => {
  const anna = await signIn(browser, "anna", settings.anna, { path: "/chats/bert@office.internal" });
  const bert = await signIn(browser, "bert", settings.bert, { width: 360, height: 740, locale: "es-ES", path: "/chats/anna@office.internal" });

  // The bytes are held back, so that the file is surely on its way.
  await anna.route("**/files/**", (route) => (route.request().method() === "PUT" ? undefined : route.continue()));
  await anna.fill(".composer textarea", "Not sent yet");
  await anna.setInputFiles("input[type=file]", { name: "plan.txt", mimeType: "text/plain", buffer: Buffer.alloc(100_000, "a") });
  await anna.locator(".sending", { hasText: "plan.txt" }).waitFor();
  await accessible(anna, "a file on its way");
  await anna.reload();
  await anna.waitForSelector(".composer textarea");
  assert.equal(await anna.inputValue(".composer textarea"), "Not sent yet");
  assert.equal(await anna.locator(".sending").count(), 0);
  await anna.unroute("**/files/**");
  await anna.setInputFiles("input[type=file]", { name: "plan.txt", mimeType: "text/plain", buffer: Buffer.alloc(100_000, "a") });
  for (const page of [anna, bert]) await page.locator(".message .file", { hasText: "plan.txt" }).waitFor();
  assert.equal(await bert.locator(".message .file").count(), 1);

  // An alert lies over what is being written; the page is loaded again and the service killed while it does.
  await command("alert", "send", "--to", "everyone", "--severity", "severe", "--choices", "I am out", "Leave the building");
  for (const page of [anna, bert]) await page.waitForSelector(".alert-dialog");
  await anna.reload();
  await anna.waitForSelector(".alert-dialog");
  await ask("kill");
  await bert.waitForSelector(".alert-dialog");
  await ask("launch");
  await bert.reload();
  await bert.waitForSelector(".alert-dialog");
  await accessible(bert, "an alert on a phone, in Spanish, after the page was loaded again");
  for (const page of [anna, bert]) {
    await page.locator(".alert-dialog .choice:enabled:not([aria-disabled=true])").first().click();
    await gone(page, ".alert-dialog");
  }
  await anna.press(".composer textarea", "Enter");
  await bert.waitForSelector(text("Not sent yet"));
  await write(bert, "Outside");
  for (const page of [anna, bert]) await saidIs(page, "Not sent yet", "Outside");
  await anna.reload();
  await saidIs(anna, "Not sent yet", "Outside");
  assert.equal(await anna.locator(".alert-dialog").count(), 0);
  quiet(anna, bert);
});
