// How this browser looks and rings: what is chosen holds at once, and is still there after the page was loaded again.

import { accessible, assert, flow, look, picture, quiet, settings, signIn, told } from "./harness.mjs";
import { goTo, message, text, write } from "./talking.mjs";

await flow(async (browser) => {
  const anna = await signIn(browser, "anna", settings.anna, { path: "/chats/bert@office.internal" });
  const bert = await signIn(browser, "bert", settings.bert, { notifications: "granted", path: "/me/settings" });
  await accessible(bert, "settings");

  // Theme, density and language, with what was being written kept.
  await bert.getByText("Dark", { exact: true }).click();
  await bert.getByText("Compact", { exact: true }).click();
  await bert.getByLabel("Language").selectOption("es");
  await bert.locator("h1", { hasText: "Aspecto y sonidos" }).waitFor();
  const looks = (page) => page.evaluate(() => ({ ...document.documentElement.dataset, lang: document.documentElement.lang }));
  const chosen = await looks(bert);
  assert.deepEqual([chosen.theme, chosen.density, chosen.lang], ["dark", "compact", "es"]);
  await accessible(bert, "settings, dark and compact, in Spanish");
  await picture(bert, "settings-dark");
  await bert.reload();
  await bert.locator("h1", { hasText: "Aspecto y sonidos" }).waitFor();
  assert.deepEqual(await looks(bert), chosen);

  // Whoever looks elsewhere is told, with or without the words, or not at all. What must not ring comes first: what has
  // rung a moment ago does not ring again.
  const telling = async (words) => {
    await look(bert, false);
    await write(anna, words);
    await message(anna, words).locator(".progress", { hasText: "Delivered" }).waitFor();
    const { shown, rung } = await told(bert);
    await look(bert, true);
    return [shown.map((one) => one.body), rung.length];
  };
  const isQuiet = bert.locator("section[aria-labelledby=quiet-title] .switch");
  await isQuiet.check();
  const [from, until] = await bert.locator("section[aria-labelledby=quiet-title] input[type=time]").all();
  // An hour before now until an hour after it.
  const at = (hours) => bert.evaluate((hours) => new Date(Date.now() + hours * 3_600_000).toTimeString().slice(0, 5), hours);
  await from.fill(await at(-1));
  await until.fill(await at(1));
  await accessible(bert, "quiet hours, in Spanish");
  assert.deepEqual(await telling("First"), [[], 0]);
  await isQuiet.uncheck();
  await bert.getByLabel("Mostrar en ellas lo escrito").uncheck();
  await bert.getByLabel("Sonidos", { exact: true }).uncheck();
  assert.deepEqual(await telling("Second"), [["Mensaje nuevo"], 0]);
  await bert.getByLabel("Mostrar en ellas lo escrito").check();
  await bert.getByLabel("Sonidos", { exact: true }).check();
  assert.deepEqual(await telling("Third"), [["Third"], 1]);
  await bert.waitForFunction(() => document.title.startsWith("(3)"));
  await goTo(bert, "anna@office.internal");
  await bert.waitForSelector(text("Third"));

  // A browser that does not allow notifications says what can be done.
  const denied = await signIn(browser, "bert", settings.bert, { notifications: "denied", width: 360, height: 740, path: "/me/settings" });
  await denied.locator(".note.problem", { hasText: "does not allow this page" }).waitFor();
  await accessible(denied, "settings on a phone where notifications are not allowed");
  quiet(anna, bert, denied);
});
