// The notice board: an announcement with a picture and a file is put up, read, found again, and taken off.

import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { accessible, assert, command, flow, picture, quiet, sentence, settings, signIn } from "./harness.mjs";
import { send, write } from "./compose.mjs";

/** A picture of one point. */
const PICTURE = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");

await flow(async (browser) => {
  const chief = await signIn(browser, "chief", settings.chief, { path: "/console/new" });
  const anna = await signIn(browser, "anna", settings.anna, { width: 360, height: 740, locale: "es-ES", theme: "dark", path: "/notices" });
  const bert = await signIn(browser, "bert", settings.bert, { path: "/notices", acceptDownloads: true });
  await accessible(anna, "an empty notice board on a phone, in Spanish");

  await chief.click("label:has-text('Announcement')");
  await write(chief, { headline: "The canteen opens", text: "**New** dishes:\n\n- soup\n- <b>bread</b>\n", to: ["Everyone"] });
  await chief.setInputFiles(".compose input[type=file]", { name: "canteen.png", mimeType: "image/png", buffer: PICTURE });
  await chief.waitForSelector(".compose :has-text('canteen.png')");
  await chief.setInputFiles(".compose input[type=file]", { name: "menu.txt", mimeType: "text/plain", buffer: Buffer.from("soup\n") });
  await chief.waitForSelector(".compose :has-text('menu.txt')");
  await chief.waitForSelector(".preview-notice strong:has-text('New')");
  await accessible(chief, "writing an announcement");
  await send(chief);
  await chief.waitForSelector(".board-sentence");
  await command("alert", "send", "--announcement", "--to", "everyone", "The car park is closed", "Until Monday.");

  // It is new until it was read, in every window of the person and to whoever put it up.
  for (const page of [anna, bert]) {
    await page.waitForSelector(".notice-line.unread:has-text('The canteen opens')");
    await page.waitForSelector(".rail a[href='/notices'] .badge:has-text('2')");
    assert.equal(await page.locator(".alert-dialog").count(), 0);
  }
  await accessible(anna, "the notice board on a phone, in Spanish");
  await anna.click(".notice-line:has-text('The canteen opens')");
  await anna.waitForSelector(".notice strong:has-text('New')");
  await anna.waitForSelector(".notice li:has-text('<b>bread</b>')");
  await anna.waitForFunction(() => [...document.querySelectorAll(".notice img")].some((one) => one.naturalWidth === 1));
  await accessible(anna, "an announcement on a phone, in Spanish");
  await picture(anna, "notice-phone-dark");
  // Whoever only glances at it has not read it.
  await sentence(chief, /1 saw it/);
  await anna.click("a.back");
  await anna.waitForSelector(".notice-line:not(.unread):has-text('The canteen opens')");
  await anna.waitForSelector(".rail a[href='/notices'] .badge:has-text('1')");
  await anna.reload();
  await anna.waitForSelector(".notice-line:not(.unread):has-text('The canteen opens')");
  await anna.waitForSelector(".notice-line.unread:has-text('The car park is closed')");
  await accessible(chief, "the board of an announcement");

  // Found by words of its text, and taken along.
  await bert.fill(".notices-search input", "monday");
  await bert.waitForFunction(() => document.querySelectorAll(".notice-line").length === 1);
  await bert.waitForSelector(".notice-line:has-text('The car park is closed')");
  await bert.fill(".notices-search input", "elephant");
  await bert.waitForSelector(":has-text('Nothing found')");
  await accessible(bert, "nothing found on the notice board");
  await bert.fill(".notices-search input", "");
  await bert.click(".notice-line:has-text('The canteen opens')");
  await accessible(bert, "an announcement");
  const [download] = await Promise.all([bert.waitForEvent("download"), bert.click(".notice a:has-text('menu.txt')")]);
  assert.equal(readFileSync(await download.path(), "utf8"), "soup\n");

  // Taken off, it says so.
  await chief.click("header .danger:has-text('Call off')");
  await chief.click(".dialog-foot .danger");
  await chief.waitForSelector(".alert-mark:has-text('Called off')");
  await bert.waitForSelector(".notice .alert-mark:has-text('Called off')");
  quiet(anna, bert, chief);
});
