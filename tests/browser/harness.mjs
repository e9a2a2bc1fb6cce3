// What every flow needs: browsers that trust the service, people who sign in, and somebody who looks after the service.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { strict as assert } from "node:assert";
import { mkdirSync } from "node:fs";
import { basename, join } from "node:path";

const given = JSON.parse(process.argv[2]);
const require = createRequire(join(given.packages, "..", "flows.js"));
const { chromium } = require("playwright-core");
const { AxeBuilder } = require("@axe-core/playwright");

/** Where the service is, and what the test gave the flow. */
export const { https, http, settings, packages } = given;
export { assert };

const PATIENCE = 30_000;
const LONGEST = 240_000;
const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/**
 * Asks whoever looks after the service for something: "kill", "launch", the words of a command, a NET SEND, or `what` only
 * the test of this flow can do.
 */
export async function ask(what) {
  process.stdout.write(JSON.stringify({ ask: what }) + "\n");
  return JSON.parse((await answers.next()).value);
}

/** Runs a command of the service that must succeed; gives back what it printed. */
export async function command(...words) {
  const { code, stdout, stderr } = await ask(words);
  assert.equal(code, 0, `${words.join(" ")}: ${stdout}${stderr}`);
  return stdout;
}

/** Sends what Windows calls NET SEND, with Samba's `smbclient`, in a name of anybody's choice. */
export async function netSend(from, to, text) {
  const { taken, said } = await ask({ net_send: [from, to, text] });
  assert.ok(taken, `it was not taken: ${said}`);
}

/** Runs a flow with one browser, and ends the process with its result. */
export async function flow(run) {
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--host-resolver-rules=MAP office.internal 127.0.0.1"] });
  try {
    await Promise.race([run(browser), tooLong()]);
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
    for (const [number, page] of pages.entries()) await pictureOfFailure(page, number).catch(() => {});
  } finally {
    await browser.close();
    process.stdin.destroy();
  }
}

/** Fails when a flow takes longer than any should: a browser that hangs waits for nothing by itself. */
const tooLong = () => new Promise((_, reject) => setTimeout(() => reject(new Error("the flow takes too long")), LONGEST).unref());

const pages = [];

/**
 * A browser window of its own, at the encrypted address unless it comes `from` the other one. What it should not say is
 * told at the end by `quiet`. `notifications`: whether they are `granted` or `denied`; what would be shown is in
 * `shownNotifications`, what would ring in `played`. `wrongBy`: by how many milliseconds its clock is wrong.
 */
export async function open(browser, { width = 1280, height = 800, locale = "en-GB", theme = "light", path = "/", from = https, notifications = "", wrongBy = 0, ...rest } = {}) {
  const context = await browser.newContext({
    viewport: { width, height },
    locale,
    colorScheme: theme,
    hasTouch: width < 720,
    ...rest,
  });
  context.setDefaultTimeout(PATIENCE);
  if (wrongBy) await context.addInitScript(setClockWrong, wrongBy);
  if (notifications) await context.addInitScript(rememberNotifications, notifications);
  const page = watched(await context.newPage());
  await page.goto(from + path);
  return page;
}

/** Another tab of the same window, signed in as the first is. */
export async function tab(page, path = "/chats") {
  const other = watched(await page.context().newPage());
  await other.goto(https + path);
  await other.waitForSelector(".rail", { state: "attached" });
  return other;
}

/** The person looks at something else, or at this page again: every page of these browsers believes to be the one in front. */
export async function look(page, isHere) {
  await page.evaluate((isHere) => {
    Object.defineProperty(document, "visibilityState", { value: isHere ? "visible" : "hidden", configurable: true });
    Object.defineProperty(document, "hidden", { value: !isHere, configurable: true });
    document.hasFocus = () => isHere;
    document.dispatchEvent(new Event("visibilitychange"));
    dispatchEvent(new Event(isHere ? "focus" : "blur"));
  }, isHere);
}

/** Sets a page's clock wrong. */
function setClockWrong(by) {
  const Right = Date;
  globalThis.Date = class extends Right {
    constructor(...given) {
      if (given.length === 0) super(Right.now() + by);
      else super(...given);
    }
    static now() {
      return Right.now() + by;
    }
  };
}

/** A page without a screen allows no notifications: these are remembered instead of shown. So are sounds. */
function rememberNotifications(permission) {
  globalThis.shownNotifications = [];
  globalThis.played = [];
  HTMLMediaElement.prototype.play = async function () {
    globalThis.played.push(new URL(this.src).pathname);
  };
  globalThis.Notification = class {
    static permission = permission;
    static requestPermission = async () => permission;
    constructor(title, options) {
      globalThis.shownNotifications.push({ title, ...options });
    }
    close() {}
  };
}

/** Remembers what a page should not say. */
export function watched(page) {
  page.faults = [];
  page.on("pageerror", (error) => page.faults.push(String(error.stack ?? error)));
  page.on("console", (message) => {
    // What the network or the service refused is told by the page; what the policy refused must not happen.
    if (message.type() === "error" && !/Failed to load resource|WebSocket connection/.test(message.text())) {
      page.faults.push(message.text());
    }
  });
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (!["blob:", "data:"].includes(url.protocol) && ![new URL(https).host, new URL(http).host, `office.internal:${new URL(https).port}`].includes(url.host)) {
      page.faults.push(`it asked ${url.origin} for something`);
    }
  });
  pages.push(page);
  return page;
}

/** A window as `open` makes it, signed in. */
export async function signIn(browser, name, password, options = {}) {
  const page = await open(browser, options);
  await page.fill("input[autocomplete=username]", name);
  await page.fill("input[type=password]", password);
  await page.click("button[type=submit]");
  // On a phone a conversation is over it.
  await page.waitForSelector(".rail", { state: "attached" });
  return page;
}

/**
 * What a page has shown by notifications and what rang, once it is through with all that it has taken: it shows them in
 * one turn with the answer that it has got a message, and rings under this lock.
 */
export async function told(page) {
  await page.evaluate(() => navigator.locks.request("messngr.message", () => {}));
  return page.evaluate(() => ({ shown: globalThis.shownNotifications.splice(0), rung: globalThis.played.splice(0) }));
}

/** Waits until a selector finds exactly so many. */
export async function countIs(page, selector, wanted) {
  const isSo = ([selector, wanted]) => document.querySelectorAll(selector).length === wanted;
  await page.waitForFunction(isSo, [selector, wanted]).catch(async () => assert.equal(await page.locator(selector).count(), wanted, selector));
}

/** Waits until what a locator finds says exactly these. */
export async function textsAre(locator, wanted) {
  for (const end = Date.now() + PATIENCE; Date.now() < end; ) {
    const now = await locator.allTextContents();
    if (JSON.stringify(now) === JSON.stringify(wanted)) return;
    await locator.page().evaluate(() => new Promise(requestAnimationFrame));
  }
  assert.deepEqual(await locator.allTextContents(), wanted);
}

/** Nothing was thrown, nothing was refused by the policy, and no other host was asked for anything. */
export function quiet(...all) {
  for (const page of all) assert.deepEqual(page.faults, []);
}

/** Nobody who cannot see or cannot use a mouse is shut out (axe, WCAG 2.2 A and AA). */
export async function accessible(page, what) {
  // A view that is still being loaded has no heading.
  await page.waitForSelector("h1", { state: "attached" });
  // What fades in has its contrast at the end.
  await page.evaluate(() => Promise.allSettled(document.getAnimations().map((animation) => animation.finished)));
  const { violations } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
    .analyze();
  const told = violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(" ")).join(", ")}`);
  assert.deepEqual(told, [], what);
}

/** A picture of the page, where pictures were asked for. */
export async function picture(page, name) {
  if (given.pictures) await pictureIn(given.pictures, page, name);
}

/** A picture of where a flow failed, which stays, and says where it is. */
async function pictureOfFailure(page, number) {
  const path = await pictureIn(given.pictures ?? given.failures, page, `failed-${basename(process.argv[1], ".mjs")}-${number}`);
  console.error(`${page.url()} looks as in ${path}`);
}

/** @returns {Promise<string>} where the picture is */
async function pictureIn(folder, page, name) {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.png`);
  await page.screenshot({ path });
  return path;
}

/** Answers the alert in front by one of its choices, which is taken once its button is awake. */
export async function confirm(page, number = 0) {
  const choice = page.locator(".alert-dialog .choice").nth(number);
  await choice.waitFor();
  await page.waitForFunction(() => {
    const button = document.querySelector(".alert-dialog .choice");
    return button instanceof HTMLButtonElement && !button.disabled && button.getAttribute("aria-disabled") !== "true";
  });
  await choice.click();
}

/** Waits until the board of an alert says this in its sentence. */
export async function sentence(page, pattern) {
  await page.waitForFunction(
    (source) => new RegExp(source).test(document.querySelector(".board-sentence")?.textContent ?? ""),
    pattern.source,
  );
}
