// Somebody who was never here sees their chats after little has come over the network; what is looked at next comes right
// after, so that an alert opens at once.

import { assert, command, confirm, flow, https, open, quiet, settings, signIn, watched } from "./harness.mjs";
import { write } from "./talking.mjs";

/** With heads, as the network carries it. */
const BYTES_MOST = 130_000;

await flow(async (browser) => {
  const bert = await signIn(browser, "bert", settings.bert, { path: "/chats/anna@office.internal" });
  await write(bert, "Good morning");
  await bert.waitForSelector(".progress");

  const context = await browser.newContext();
  context.setDefaultTimeout(30_000);
  await context.addInitScript(noticeTheChats);
  const anna = watched(await context.newPage());
  const { requests, until } = await recorded(anna);
  await anna.goto(`${https}/`);
  await anna.fill("input[autocomplete=username]", "anna");
  await anna.fill("input[type=password]", settings.anna);
  await anna.click("button[type=submit]");
  await anna.waitForSelector(".line:has-text('Good morning')");
  const shown = await anna.evaluate(() => globalThis.chatsShown);
  // The page asks for the dialog by itself, and it is there with all that it needs; so is what came before the chats.
  const isBefore = ({ sent }) => sent <= shown;
  await until((all) => all.some(({ path, isThere }) => path === "/js/views/alerts-dialog.js" && isThere) && all.filter(isBefore).every((one) => one.isThere));
  await anna.evaluate(async () => void (await import("/js/views/alerts-dialog.js")));
  const before = [...requests.values()].filter(isBefore);
  const bytes = before.reduce((sum, one) => sum + one.bytes, 0);
  console.log(`${before.length} requests with ${bytes} bytes until the chats are shown`);
  assert.ok(bytes > 0 && bytes <= BYTES_MOST, `${bytes} bytes`);
  assert.ok(!before.some(({ path }) => path === "/js/views/alerts-dialog.js"));

  await anna.route("**/js/**", (route) => route.abort());
  await command("alert", "send", "--as", "chief", "--to", "anna", "--choices", "Safe", "Leave the hall");
  await confirm(anna);
  await anna.waitForSelector(".alert-dialog", { state: "detached" });

  // It opens, too, where it could not be loaded before it was needed: once, and for as long as the page lives.
  const pages = [];
  for (const isForLong of [false, true]) {
    const page = await open(browser);
    let [loads, tries] = [1, 0];
    page.on("request", (request) => request.isNavigationRequest() && loads++);
    await page.route("**/js/views/alerts-dialog.js", (route) => (tries++ === 0 || (isForLong && loads === 1) ? route.abort() : route.continue()));
    const failed = page.waitForEvent("requestfailed", (request) => request.url().endsWith("/js/views/alerts-dialog.js"));
    await page.fill("input[autocomplete=username]", "bert");
    await page.fill("input[type=password]", settings.bert);
    await page.click("button[type=submit]");
    await failed;
    await command("alert", "send", "--as", "chief", "--to", "bert", "--choices", "Safe", `Leave the yard, ${isForLong}`);
    await confirm(page);
    assert.equal(loads, isForLong ? 2 : 1);
    await page.waitForSelector(".alert-dialog", { state: "detached" });
    pages.push(page);
  }
  quiet(anna, bert, ...pages);
});

/** In the page: remembers when the first chat is there. */
function noticeTheChats() {
  const observer = new MutationObserver(() => {
    if (!document.querySelector(".line")) return;
    globalThis.chatsShown = Date.now();
    observer.disconnect();
  });
  observer.observe(document, { childList: true, subtree: true });
}

/**
 * What the page asks for, by the protocol's number: when it was sent, how much came, and whether that is all. `until` waits
 * until that is so of all of it.
 */
async function recorded(page) {
  const requests = new Map();
  const waiting = new Set();
  const network = await page.context().newCDPSession(page);
  const change = (id, what) => {
    if (requests.has(id)) Object.assign(requests.get(id), what);
    for (const look of waiting) look();
  };
  network.on("Network.requestWillBeSent", ({ requestId, wallTime, request, type }) => {
    // The event stream does not end.
    if (type !== "WebSocket") requests.set(requestId, { sent: wallTime * 1000, path: new URL(request.url).pathname, bytes: 0, isThere: false });
  });
  network.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => change(requestId, { bytes: encodedDataLength, isThere: true }));
  network.on("Network.loadingFailed", ({ requestId }) => change(requestId, { isThere: true }));
  await network.send("Network.enable");
  const until = (isSo) => new Promise((resolve) => {
    const look = () => isSo([...requests.values()]) && (waiting.delete(look), resolve());
    waiting.add(look);
    look();
  });
  return { requests, until };
}
