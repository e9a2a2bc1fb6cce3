// Machines whose clocks are wrong by hours, one ahead and one behind: times and order are the service's.

import { accessible, assert, command, flow, quiet, settings, signIn } from "./harness.mjs";
import { gone, saidIs, text, write } from "./talking.mjs";

const HOUR = 3_600_000;

await flow(async (browser) => {
  const anna = await signIn(browser, "anna", settings.anna, { wrongBy: 5 * HOUR, path: "/chats/bert@office.internal" });
  const bert = await signIn(browser, "bert", settings.bert, { wrongBy: -31 * HOUR, width: 360, height: 740, locale: "es-ES", path: "/chats/anna@office.internal" });
  assert.ok(await anna.evaluate(() => Date.now()) - Date.now() > 4 * HOUR);

  const order = [];
  for (const [from, to, words] of [[anna, bert, "1"], [bert, anna, "2"], [anna, bert, "3"], [bert, anna, "4"]]) {
    await write(from, words);
    await to.waitForSelector(text(words));
    order.push(words);
  }
  for (const page of [anna, bert]) {
    await saidIs(page, ...order);
    await timesAreRight(page);
    assert.equal(await page.locator(".day").count(), 1);
  }
  assert.equal(await anna.locator(".day").innerText(), "Today");
  assert.equal(await bert.locator(".day").innerText(), "Hoy");

  // What waits stands last also while it waits, and where it belongs afterwards.
  await anna.context().setOffline(true);
  await write(anna, "5");
  await write(bert, "6");
  await bert.locator(".progress", { hasText: "Entregado" }).or(bert.locator(".progress", { hasText: "Enviado" })).first().waitFor();
  await saidIs(anna, ...order, "5");
  await anna.context().setOffline(false);
  for (const page of [anna, bert]) {
    await page.waitForSelector(text("5"));
    await page.reload();
    await page.waitForSelector(text("6"));
    await timesAreRight(page);
  }

  // An alert of an hour is not over on one machine, and has not a day left on the other.
  await command("alert", "send", "--to", "everyone", "--severity", "severe", "--expires", "1h", "Wrong clocks");
  for (const page of [anna, bert]) {
    await page.waitForSelector(".alert-dialog");
    assert.equal(await page.locator(".alert-dialog time[datetime]").first().innerText(), page === anna ? "just now" : "ahora mismo");
    const told = await page.locator(".alert-dialog").innerText();
    assert.match(told, /(59|60)[^\d]*(min|m)|1 ?h/, told);
    await accessible(page, "an alert on a machine whose clock is wrong");
    await page.locator(".alert-dialog .choice:enabled:not([aria-disabled=true])").first().click();
    await gone(page, ".alert-dialog");
  }

  // An answer that was long on its way says nothing of what time it is.
  const desk = await signIn(browser, "bert", settings.bert, { path: "/me/status" });
  const privacy = await desk.evaluate(async () => (await fetch("/api/v1/me/privacy")).json());
  await desk.evaluate(() => {
    const real = performance.now.bind(performance);
    globalThis.waited = 0;
    performance.now = () => real() + globalThis.waited;
  });
  for (const [seconds, hours] of [[6, 0], [0, -3]]) {
    await desk.route("**/api/v1/me/privacy", async (route) => {
      await desk.evaluate((seconds) => void (globalThis.waited += 1000 * seconds), seconds);
      await route.fulfill({ json: privacy, headers: { date: new Date(Date.now() - 3 * HOUR).toUTCString() } });
    });
    await desk.click("a[href='/me/privacy']");
    await desk.waitForSelector(".choice-card input[name=writes]", { state: "attached" });
    const ahead = await desk.evaluate(async () => (await import("/js/api/clock.js")).now() - Date.now());
    assert.equal(Math.round(ahead / HOUR), hours, `${seconds}`);
    await desk.unroute("**/api/v1/me/privacy");
    await desk.click("a[href='/me/status']");
    await gone(desk, ".choice-card input[name=writes]");
  }
  quiet(anna, bert, desk);
});

/** The times that are shown are those of now, by the service's clock. */
async function timesAreRight(page) {
  const shown = await page.locator(".message time[datetime]").evaluateAll((all) => all.map((one) => one.dateTime));
  assert.ok(shown.length > 0);
  for (const time of shown) assert.ok(Math.abs(Date.parse(time) - Date.now()) < 5 * 60_000, time);
}
