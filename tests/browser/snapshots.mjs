// The main screens look as in the pictures of `snapshots/`: a fixed story at a fixed time, in both themes, on a desk and
// on a phone.

import { tellTheStorysTime } from "./clock.mjs";
import { allLookAlike, looksAs } from "./compare.mjs";
import { flow, https, quiet, settings, watched } from "./harness.mjs";
import { scene } from "./scene.mjs";

const DESK = { viewport: { width: 1440, height: 900 }, locale: "en-GB", colorScheme: "light" };
const NIGHT = { ...DESK, colorScheme: "dark" };
const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, locale: "en-GB", colorScheme: "light" };
const SPANISH = { ...PHONE, locale: "es-ES", colorScheme: "dark" };

await flow(async (browser) => {
  const { room, leak } = await scene(browser, settings);

  const stranger = await window(browser, DESK);
  await stranger.waitForSelector(".sign-in");
  // Its address has a port of the day.
  await stranger.evaluate((host) => {
    const where = [...document.querySelectorAll(".sign-in p")].find((one) => one.textContent.includes(host));
    where.textContent = where.textContent.replace(host, "office.internal");
  }, new URL(https).host);
  await looksAs(stranger, "sign-in");

  const desk = await window(browser, DESK, "anna");
  await show(desk, "/chats/bert@office.internal", ".progress.read");
  await desk.waitForFunction(() => [...document.images].every((image) => image.complete && image.naturalWidth > 0));
  await looksAs(desk, "conversation");
  await show(desk, "/notices", ".notice-line");
  await desk.click(".notice-line:has-text('Maintenance')");
  await desk.waitForSelector(".notice-headline");
  await desk.waitForSelector(".notice-line.chosen:not(.unread)");
  await looksAs(desk, "notice");

  const night = await window(browser, NIGHT, "bert", ".alert-dialog .choice");
  await awake(night);
  await looksAs(night, "alert-dark");

  const phone = await window(browser, SPANISH, "eva", ".alert-dialog .choice");
  await awake(phone);
  await looksAs(phone, "alert-phone-dark-spanish");

  const other = await window(browser, PHONE, "anna");
  await other.waitForSelector(".line.unread");
  await looksAs(other, "chats-phone");
  await show(other, `/chats/${room}`, ".message-text:has-text('Done.')");
  await looksAs(other, "room-phone");
  await show(other, "/me/settings", ".block");
  await looksAs(other, "settings-phone");

  const chief = await window(browser, DESK, "chief");
  await show(chief, "/console/overview", ".console-card");
  await looksAs(chief, "console");
  await show(chief, "/console/new", ".compose");
  await chief.click(".level-choice.severe");
  await chief.fill("label:has-text('Headline') + input", "Water leak in building B");
  await chief.fill("label:has-text('Text') + textarea", "Leave building B by the stairs.");
  await chief.waitForSelector(".compose-preview .alert-headline:has-text('Water leak')");
  await chief.evaluate(() => document.activeElement.blur());
  await looksAs(chief, "compose");

  const board = await window(browser, NIGHT, "chief");
  await show(board, `/console/alert/${leak}`, ".curve-line");
  await board.waitForFunction(() => /35 of 47 confirmed/.test(document.querySelector(".board-sentence")?.textContent ?? ""));
  await looksAs(board, "board-dark");
  quiet(stranger, desk, night, phone, other, chief, board);
  allLookAlike();
});

/** A browser window at the time of the story, without motion, signed in if somebody is named. */
async function window(browser, options, name, until = ".rail") {
  const context = await browser.newContext({ ...options, reducedMotion: "reduce", timezoneId: "UTC" });
  context.setDefaultTimeout(30_000);
  await tellTheStorysTime(context);
  const page = watched(await context.newPage());
  await page.goto(`${https}/`);
  if (name === undefined) return page;
  await page.fill("input[autocomplete=username]", name);
  await page.fill("input[type=password]", settings[name]);
  await page.click("button[type=submit]");
  await page.waitForSelector(until);
  return page;
}

/** Goes somewhere as a link does, and waits for what stands there. */
async function show(page, path, until) {
  await page.evaluate((to) => import("/js/router.js").then((router) => router.go(to)), path);
  await page.waitForSelector(until);
  await page.evaluate(() => document.activeElement?.blur());
}

/** The choices of an alert sleep for a moment, so that a key meant for something else confirms nothing. */
async function awake(page) {
  await page.waitForFunction(() => !document.querySelector(".alert-dialog .asleep, .alert-dialog.asleep"));
}
