// What a browser needs until it shows somebody's chats, and until it shows a long conversation. Prints figures as JSON.

import { createRequire } from "node:module";
import { join } from "node:path";

const { address, packages, name, password, partner, last } = JSON.parse(process.argv[2]);
const { chromium } = createRequire(join(packages, "..", "visit.js"))("playwright-core");

const ROUNDS = 5;
const SIZE = { width: 1280, height: 800 };
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
try {
  const { transferred, requests, signIn, state } = await firstVisit();
  const ready = [];
  const open = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const visit = await laterVisit(state);
    ready.push(visit.ready);
    open.push(visit.open);
  }
  console.log(JSON.stringify({
    transferred_bytes: transferred,
    requests,
    sign_in_milliseconds: signIn,
    ready_milliseconds: median(ready),
    ready_most_milliseconds: Math.max(...ready),
    open_milliseconds: median(open),
    open_most_milliseconds: Math.max(...open),
  }));
} finally {
  await browser.close();
}

/** Somebody who was never here signs in: everything that comes over the network until their chats are shown. */
async function firstVisit() {
  const context = await browser.newContext({ viewport: SIZE });
  const page = await context.newPage();
  const network = await context.newCDPSession(page);
  await network.send("Network.enable");
  let transferred = 0;
  let requests = 0;
  // With heads, as the network carries it (Network.loadingFinished.encodedDataLength).
  network.on("Network.loadingFinished", ({ encodedDataLength }) => {
    transferred += encodedDataLength;
    requests += 1;
  });
  await page.goto(address);
  await page.fill("input[autocomplete=username]", name);
  await page.fill("input[type=password]", password);
  const began = performance.now();
  await page.click("button[type=submit]");
  await page.waitForSelector(".line");
  const signIn = performance.now() - began;
  const state = await context.storageState();
  await context.close();
  return { transferred, requests, signIn, state };
}

/** Somebody who is signed in comes with nothing in the cache, and opens the conversation. */
async function laterVisit(storageState) {
  const context = await browser.newContext({ viewport: SIZE, storageState });
  const page = await context.newPage();
  await page.goto(address, { waitUntil: "commit" });
  await page.waitForSelector(".line");
  // The page's own clock: from the beginning of the navigation to the frame that shows it.
  const ready = await page.evaluate(() => new Promise((shown) => requestAnimationFrame(() => shown(performance.now()))));
  const open = await page.evaluate(
    ({ partner, last }) =>
      new Promise((shown, failed) => {
        const line = [...document.querySelectorAll("a.line")].find((one) => decodeURIComponent(one.getAttribute("href")).includes(partner));
        if (!line) return failed(new Error(`no conversation with ${partner}`));
        const began = performance.now();
        const look = () => {
          const texts = [...document.querySelectorAll(".message-text")];
          if (texts.some((one) => one.textContent.includes(last))) return shown(performance.now() - began);
          if (performance.now() - began > 30_000) return failed(new Error("the conversation is not shown"));
          requestAnimationFrame(look);
        };
        line.click();
        look();
      }),
    { partner, last },
  );
  await context.close();
  return { ready, open };
}

function median(figures) {
  return [...figures].sort((one, other) => one - other)[Math.floor(figures.length / 2)];
}
