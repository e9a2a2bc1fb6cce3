// What was said while a page was away, and the service was killed, is there when the page is back, also where newer
// words come first, and where somebody's own are waiting.

import { ask, assert, flow, quiet, settings, signIn } from "./harness.mjs";
import { gone, text, write } from "./talking.mjs";

await flow(async (browser) => {
  const anna = await signIn(browser, "anna", settings.anna, { path: "/chats/bert@office.internal" });
  const size = { width: 900, height: 1800, path: "/chats/anna@office.internal" };
  const desk = await signIn(browser, "bert", settings.bert, size);
  const away = await signIn(browser, "bert", settings.bert, { ...size, locale: "es-ES", theme: "dark" });
  let said = 0;
  const say = async (count) => {
    await send(anna, said, count);
    said += count;
  };
  await say(2);
  for (const page of [desk, away]) await page.waitForSelector(text("number 1"));

  for (const [own, isForgotten] of [["", false], ["Waiting here", false], ["", true]]) {
    // The service does not know any more what this page has last.
    if (isForgotten) {
      const problem = { status: 404, contentType: "application/problem+json", body: '{"type":"urn:messngr:problem:not-found"}' };
      await away.route(/\/history\?.*after=/, (route) => route.fulfill(problem));
    }
    await away.context().setOffline(true);
    await ask("kill");
    await away.waitForSelector(".reconnect");
    if (own) await write(away, own);
    await ask("launch");
    await gone(desk, ".reconnect");
    // The other device has these, so that nobody owes them to this one.
    await say(6);
    await desk.waitForSelector(text(`number ${said - 1}`));
    const more = say(8);
    await away.context().setOffline(false);
    await gone(away, ".reconnect");
    await more;
    const all = Array.from({ length: said }, (_, number) => `number ${number}`);
    for (const page of [desk, away]) {
      await page.waitForFunction(
        (count) => [...document.querySelectorAll(".message-text")].filter((one) => /^number \d+$/.test(one.textContent?.trim() ?? "")).length >= count,
        said,
      );
      assert.deepEqual(await numbers(page), all);
    }
    if (own) await desk.waitForSelector(text(own));
  }
  quiet(anna, desk, away);
});

/** Anna says numbers, one after the other. */
async function send(page, first, count) {
  await page.evaluate(
    async ({ first, count }) => {
      for (let number = first; number < first + count; number++) {
        const body = JSON.stringify({ to: "bert", text: `number ${number}` });
        const answer = await fetch("/api/v1/messages", { method: "POST", headers: { "content-type": "application/json" }, body });
        if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
      }
    },
    { first, count },
  );
}

/** The numbers that a page shows, in its order. */
function numbers(page) {
  return page.evaluate(() => [...document.querySelectorAll(".message-text")]
    .map((one) => one.textContent?.trim() ?? "")
    .filter((words) => /^number \d+$/.test(words)));
}
