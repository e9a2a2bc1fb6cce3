// A conversation of ten thousand messages: it opens at the end, goes back page by page without a jump, and what was
// said long ago is found and shown in its place.

import { accessible, assert, flow, picture, quiet, settings, signIn } from "./harness.mjs";
import { text } from "./talking.mjs";

await flow(async (browser) => {
  const bert = await signIn(browser, "bert", settings.bert, { width: 360, height: 740, locale: "es-ES", path: "/chats/anna@office.internal" });
  await bert.waitForSelector(text(`Message ${settings.count - 1} `));
  const anna = await signIn(browser, "anna", settings.anna, { path: "/chats/bert@office.internal" });
  for (const page of [anna, bert]) {
    await page.waitForSelector(text(`Message ${settings.count - 1} `));
    // It opens at the end.
    await page.waitForFunction(() => {
      const list = document.querySelector(".virtual");
      return list.scrollHeight - list.scrollTop - list.clientHeight < 5;
    });
    // However much there is, only what is near is there.
    assert.ok((await page.locator(".message").count()) < 120);
  }
  await accessible(anna, "a conversation of ten thousand messages");

  // Back by the wheel: what is looked at moves by what the wheel says, also where a page comes before it.
  const box = await anna.locator(".virtual").boundingBox();
  await anna.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  let oldest = await first(anna);
  for (let turn = 0; turn < 25; turn++) {
    const before = await places(anna);
    await anna.mouse.wheel(0, -400);
    await anna.waitForFunction((top) => document.querySelector(".virtual-row .message .message-text")?.textContent !== top, oldest);
    await settled(anna);
    const after = await places(anna);
    // Out of sight, the first of a page may lose its head when another page comes before it.
    const seen = Object.keys(before).filter((key) => before[key] >= box.y);
    const moved = seen.filter((key) => key in after).map((key) => after[key] - before[key]);
    assert.ok(moved.length > 0, "what was looked at is still there");
    for (const one of moved) assert.ok(Math.abs(one - 400) < 3, `it jumped: ${one} and not 400`);
    oldest = await first(anna);
  }
  assert.ok(numberOf(oldest) < settings.count - 200, `an earlier page has come: ${oldest}`);

  // A word of long ago, on both screens.
  for (const [page, search] of [[anna, "Search in this conversation"], [bert, "Buscar en esta conversaci\u00f3n"]]) {
    await page.getByRole("button", { name: search }).click();
    await page.getByRole("searchbox").fill("needle");
    await page.locator(".result", { hasText: "needle" }).waitFor();
    await accessible(page, "searching in a conversation");
    await page.locator(".result").first().click();
    await page.locator(".message.found", { hasText: "needle" }).waitFor();
    await settled(page);
    const found = await page.locator(".message.found").boundingBox();
    const list = await page.locator(".virtual").boundingBox();
    assert.ok(found.y >= list.y && found.y + found.height <= list.y + list.height, "it is in sight");
  }
  await picture(anna, "history-found");
  quiet(anna, bert);
});

/** Where messages stand on the screen, by their words. */
function places(page) {
  return page.locator(".virtual-row .message").evaluateAll((all) => Object.fromEntries(all.map((one) => [one.querySelector(".message-text")?.textContent, one.getBoundingClientRect().top])));
}

/** The words of the first message that is there. */
function first(page) {
  return page.locator(".message-text").first().textContent();
}

/** The number in a message's words. */
function numberOf(words) {
  return Number(/\d+/.exec(words)?.[0]);
}

/** Waits until nothing moves: two pictures after one another are the same. */
async function settled(page) {
  await page.evaluate(async () => {
    const list = document.querySelector(".virtual");
    for (let last = NaN, same = 0; same < 3; ) {
      await new Promise(requestAnimationFrame);
      const now = list.scrollTop + list.scrollHeight * 1e6;
      same = now === last ? same + 1 : 0;
      last = now;
    }
  });
}
