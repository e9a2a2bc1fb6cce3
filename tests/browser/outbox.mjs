// The network goes and comes back, the service is killed, the page is loaded again in the middle: what was written
// arrives once, in its order.

import { accessible, ask, assert, countIs, flow, picture, quiet, settings, signIn } from "./harness.mjs";
import { gone, saidIs, text, write } from "./talking.mjs";

await flow(async (browser) => {
  const anna = await signIn(browser, "anna", settings.anna, { width: 360, height: 740, locale: "es-ES", path: "/chats/bert@office.internal" });
  const bert = await signIn(browser, "bert", settings.bert, { path: "/chats/anna@office.internal" });
  await write(anna, "0");
  await bert.waitForSelector(text("0"));

  // Without a network: both write, and each page says that it waits.
  await anna.context().setOffline(true);
  await ask("kill");
  await anna.waitForSelector(".reconnect");
  for (const words of ["1", "2", "3"]) await write(anna, words);
  await anna.locator(".reconnect", { hasText: "3" }).waitFor();
  await countIs(anna, ".progress.waiting", 3);
  await accessible(anna, "a conversation on a phone without a network, in Spanish");
  await picture(anna, "outbox-phone");

  // The service is back, and her network is not: she looks at another place, and comes back to what she wrote.
  await ask("launch");
  await gone(bert, ".reconnect");
  await write(bert, "Written by the other meanwhile");
  await bert.locator(".progress", { hasText: "Sent" }).waitFor();
  assert.equal(await bert.locator(text("1")).count(), 0);
  await anna.context().setOffline(false);
  await gone(anna, ".reconnect");
  const order = ["0", "Written by the other meanwhile", "1", "2", "3"];
  for (const page of [anna, bert]) await saidIs(page, ...order);
  await gone(anna, ".progress.waiting");

  // It was away for a moment.
  await ask("kill");
  await anna.waitForSelector(".reconnect");
  for (const words of ["4", "5"]) await write(anna, words);
  await ask("launch");
  await bert.waitForSelector(text("5"));
  order.push("4", "5");

  // Once what was written was taken and the answer was not heard, once it never went out.
  await anna.evaluate(() => {
    const { parse } = JSON;
    JSON.parse = (text) => (/"type":"accepted"/.test(text) ? { type: "unheard" } : parse(text));
  });
  for (const words of ["6", "7"]) await write(anna, words);
  await bert.waitForSelector(text("7"));
  await countIs(anna, ".progress.waiting", 2);
  await anna.reload();
  await anna.waitForSelector(text("7"));
  await gone(anna, ".progress.waiting");
  await anna.evaluate(() => (WebSocket.prototype.send = () => {}));
  for (const words of ["8", "9"]) await write(anna, words);
  await anna.reload();
  order.push("6", "7", "8", "9");
  for (const page of [anna, bert]) await saidIs(page, ...order);
  for (const page of [anna, bert]) {
    await page.reload();
    await saidIs(page, ...order);
  }
  quiet(anna, bert);
});
