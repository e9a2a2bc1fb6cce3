// An administrator writes an alert, two people confirm it in their browsers, and the board shows it as it happens.

import { accessible, ask, assert, command, confirm, flow, picture, quiet, sentence, settings, signIn } from "./harness.mjs";

await flow(async (browser) => {
  const chief = await signIn(browser, "chief", settings.chief, { width: 1440, height: 900, path: "/console/new" });
  const anna = await signIn(browser, "anna", settings.anna, { width: 360, height: 740, locale: "es-ES", theme: "dark" });
  const bert = await signIn(browser, "bert", settings.bert, { path: "/chats/anna@office.internal" });

  await chief.waitForSelector(".compose");
  await accessible(chief, "writing an alert");
  await chief.click(".level-choice.severe");
  await chief.fill("label:has-text('Headline') + input", "Water leak in building B");
  await chief.fill("label:has-text('Text') + textarea", "Leave building B by the stairs.");
  await chief.click(".picker-input");
  await chief.keyboard.type("ever");
  await chief.keyboard.press("Enter");
  await chief.click(".presets button:has-text('I am safe')");
  await chief.waitForFunction(() => /4/.test(document.querySelector(".audience-count")?.textContent ?? ""));
  await picture(chief, "compose");
  await chief.click(".send-inside .primary");
  await chief.waitForSelector(".dialog-foot .primary");
  await accessible(chief, "what is asked before an alert is sent");
  await chief.click(".dialog-foot .primary");
  await chief.waitForSelector(".board-sentence");

  // It lies over whatever they do, and no key that was meant for something else confirms it.
  for (const page of [anna, bert]) await page.waitForSelector(".alert-dialog");
  for (const key of ["Enter", "Escape", " "]) await bert.keyboard.press(key);
  assert.equal(await bert.locator(".alert-dialog").count(), 1);
  await accessible(bert, "an alert");
  await picture(bert, "alert");
  await accessible(anna, "an alert on a phone, in Spanish");
  await picture(anna, "alert-phone-dark");

  // It survives a reload and a service that was killed.
  await bert.reload();
  await bert.waitForSelector(".alert-dialog");
  await ask("kill");
  await ask("launch");
  for (const page of [anna, bert]) {
    await confirm(page);
    await page.waitForSelector(".alert-dialog", { state: "detached" });
    // For a moment it is told what was answered.
    await page.locator(".toast", { hasText: page === anna ? "Confirmado: I am safe" : "Confirmed: I am safe" }).waitFor();
  }
  await sentence(chief, /2 of 4 confirmed/);
  await confirm(chief);
  await sentence(chief, /3 of 4 confirmed/);
  await accessible(chief, "the board of an alert");
  await picture(chief, "board");
  const [alert] = JSON.parse(await command("--json", "alert", "list", "--all"));
  const report = JSON.parse(await command("--json", "alert", "report", alert.id));
  assert.equal(report.counts.confirmed, 3);
  quiet(anna, bert, chief);
});
