// Somebody who was never here sees their chats after little has come over the network; what is looked at next comes right
// after, so that an alert opens at once.

import { assert, command, confirm, flow, https, quiet, settings, signIn, watched } from "./harness.mjs";
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
  const requests = await recorded(anna);
  await anna.goto(`${https}/`);
  await anna.fill("input[autocomplete=username]", "anna");
  await anna.fill("input[type=password]", settings.anna);
  await anna.click("button[type=submit]");
  await anna.waitForSelector(".line:has-text('Good morning')");
  const shown = await anna.evaluate(() => globalThis.chatsShown);
  await anna.waitForLoadState("networkidle");
  const before = [...requests.values()].filter(({ sent }) => sent <= shown);
  const bytes = before.reduce((sum, one) => sum + one.bytes, 0);
  console.log(`${before.length} requests with ${bytes} bytes until the chats are shown`);
  assert.ok(bytes > 0 && bytes <= BYTES_MOST, `${bytes} bytes`);
  assert.ok(!before.some(({ path }) => path === "/js/views/alerts-dialog.js"));

  await anna.route("**/js/**", (route) => route.abort());
  await command("alert", "send", "--as", "chief", "--to", "anna", "--choices", "Safe", "Leave the hall");
  await confirm(anna);
  await anna.waitForSelector(".alert-dialog", { state: "detached" });
  quiet(anna, bert);
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

/** What the page asks for, by the protocol's number: when it was sent, and how much came. */
async function recorded(page) {
  const requests = new Map();
  const network = await page.context().newCDPSession(page);
  network.on("Network.requestWillBeSent", ({ requestId, wallTime, request }) => {
    requests.set(requestId, { sent: wallTime * 1000, path: new URL(request.url).pathname, bytes: 0 });
  });
  network.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    if (requests.has(requestId)) requests.get(requestId).bytes = encodedDataLength;
  });
  await network.send("Network.enable");
  return requests;
}
