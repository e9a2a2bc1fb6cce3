// What becomes of an alert after it was written: a second person lets it go, its report says who is missing and why and is
// taken along, and it is called off.

import { readFileSync } from "node:fs";
import { accessible, assert, command, confirm, flow, picture, quiet, sentence, settings, signIn } from "./harness.mjs";
import { send, write } from "./compose.mjs";

await flow(async (browser) => {
  const chief = await signIn(browser, "chief", settings.chief, { path: "/console/new", acceptDownloads: true });
  const other = await signIn(browser, "deputy", settings.deputy, { width: 360, height: 740, locale: "es-ES", theme: "dark" });
  const anna = await signIn(browser, "anna", settings.anna);
  const bert = await signIn(browser, "bert", settings.bert, { width: 360, height: 740, locale: "es-ES" });

  // It is grave: nobody gets it before a second person has read it, and that is not whoever wrote it.
  await write(chief, { headline: "Leave the site", text: "By the north gate.", level: "extreme", to: ["anna", "bert", "carl", "dora"] });
  await chief.click(".send-inside .primary");
  await chief.waitForSelector(".dialog .note:has-text('second person')");
  await accessible(chief, "what is asked before a grave alert");
  await chief.click(".dialog-foot .primary");
  await chief.waitForSelector(".release:has-text('somebody else')");
  assert.equal(await chief.locator(".release button").count(), 0);
  await accessible(chief, "the board of an alert that waits");
  assert.equal(await anna.locator(".alert-dialog").count(), 0);
  await other.goto(new URL("/console/waiting", other.url()).href);
  await other.waitForSelector(".alert-card:has-text('Leave the site')");
  await accessible(other, "what waits for release, on a phone, in Spanish");
  await picture(other, "release-phone-dark");
  await other.click(".release .primary");
  for (const page of [anna, bert]) await page.waitForSelector(".alert-dialog:has-text('Leave the site')");
  await confirm(anna);
  await anna.waitForSelector(".alert-dialog", { state: "detached" });
  await command("user", "disable", "dora");
  await chief.reload();
  await sentence(chief, /1 of 4 confirmed/);

  // Who could not be reached, and why; the report as a table and as a document says the same.
  await chief.waitForSelector(".table tr:has-text('carl'):has-text('Not signed in')");
  await chief.waitForSelector(".table tr:has-text('dora'):has-text('The account is disabled')");
  await chief.click(".legend .chip:has-text('Not reached')");
  await chief.waitForFunction(() => document.querySelectorAll(".board-two ~ section tbody tr").length === 2);
  await accessible(chief, "the board, those who were not reached");
  await chief.click("button[aria-label='More about this alert']");
  await accessible(chief, "the menu of a board");
  const [download] = await Promise.all([chief.waitForEvent("download"), chief.click("[role=menuitem]:has-text('CSV')")]);
  assert.match(download.suggestedFilename(), /^\d{4}-\d\d-\d\d Leave the site\.csv$/);
  const table = readFileSync(await download.path(), "utf8").trim().split(/\r?\n/);
  const id = chief.url().split("/").at(-1);
  const report = JSON.parse(await command("--json", "alert", "report", id));
  assert.equal(table.length, 1 + report.recipients.length);
  for (const row of report.recipients) {
    const line = table.find((one) => one.startsWith(row.recipient));
    assert.ok(line?.includes(row.stage) && (!row.confirmation || line.includes(",OK,web,")), `${row.recipient}: ${line}`);
  }

  // Called off, it goes from the screens, and people are told.
  await chief.click("header .danger:has-text('Call off')");
  await accessible(chief, "what is asked before it is called off");
  await chief.click(".dialog-foot .danger");
  await chief.waitForSelector(".alert-mark:has-text('Called off')");
  await chief.waitForSelector(".note:has-text('Called off by chief')");
  await bert.waitForSelector(".alert-ended:has-text('anul')");
  await accessible(bert, "an alert that was called off, on a phone");
  await bert.click(".alert-dialog .choice");
  await bert.waitForSelector(".alert-dialog", { state: "detached" });
  quiet(anna, bert, chief, other);
});
