// What is written once and used again: templates with gaps, drafts, schedules; and what is looked at before it is sent.

import { accessible, assert, command, confirm, flow, picture, quiet, settings, signIn } from "./harness.mjs";
import { send, write } from "./compose.mjs";

await flow(async (browser) => {
  const chief = await signIn(browser, "chief", settings.chief, { width: 1280, height: 800, path: "/console/new" });
  const anna = await signIn(browser, "anna", settings.anna, { width: 360, height: 740, locale: "es-ES" });

  // No word is broken for want of room, also where letters are wider than here.
  await chief.waitForSelector(".level-choice");
  for (const size of ["", "18px"]) {
    await chief.evaluate((size) => document.documentElement.style.setProperty("--size-13", size), size);
    assert.deepEqual(await broken(chief, ".level-choice .level > span"), []);
  }
  await chief.evaluate(() => document.documentElement.style.removeProperty("--size-13"));

  // A template has gaps, and words in two languages; the preview shows each.
  await write(chief, { headline: "Water off in {place}", text: "From {time} on.", to: ["anna"] });
  await chief.click("button.chip:has-text('Add a language')");
  await accessible(chief, "the languages of an alert");
  await chief.click("[role=menuitem]:has-text('Español')");
  await write(chief, { headline: "Sin agua en {place}", text: "Desde las {time}." });
  await chief.waitForSelector(".compose-preview :has-text('Sin agua en {place}')");
  await chief.click(".wordings .chip:has-text('English')");
  await chief.waitForSelector(".compose-preview :has-text('Water off in {place}')");
  assert.equal(await chief.evaluate(() => document.scrollingElement.scrollTop), 0, "only panes are scrolled");
  await keep(chief, "Keep as a template");
  await chief.fill("label:has-text('Name of the template') + input", "Water off");
  await chief.click(".dialog-foot .primary");
  await chief.waitForSelector(".dialog .hint.problem");
  await accessible(chief, "keeping a template");
  await chief.fill("label:has-text('Name of the template') + input", "Water-off");
  await chief.click(".dialog-foot .primary");
  await chief.waitForSelector("h1:has-text('Templates')");
  await chief.waitForSelector(".console-lines li:has-text('Places to fill in: place, time')");
  await accessible(chief, "the templates");

  // Used, it wants its gaps filled; then it comes to whoever writes it alone, marked as a test.
  await chief.click(".console-lines a.button:has-text('Use it')");
  await chief.waitForSelector("legend:has-text('Fill in')");
  await chief.click(".send-inside .primary");
  await chief.waitForSelector(".hint.problem:has-text('Fill in: place, time')");
  await chief.fill("label:has-text('place') + input", "hall 4");
  await chief.fill("label:has-text('time') + input", "14:00");
  await chief.waitForSelector(".compose-preview :has-text('Water off in hall 4')");
  await accessible(chief, "an alert from a template");
  await chief.click(".send-inside button:has-text('Send it to me first')");
  await chief.waitForSelector(".alert-dialog:has-text('Water off in hall 4'):has-text('Test')");
  await accessible(chief, "an alert to oneself");
  await confirm(chief);
  await chief.waitForSelector(".alert-dialog", { state: "detached" });
  assert.equal(await anna.locator(".alert-dialog").count(), 0);

  // A draft waits with its words, changes, and goes out.
  await keep(chief, "Keep as a draft");
  await chief.waitForSelector("h1:has-text('Drafts')");
  await chief.waitForSelector(".console-lines li:has-text('Water off in')");
  await accessible(chief, "the drafts");
  await chief.reload();
  await chief.click(".console-lines a.console-line-main");
  await chief.waitForSelector(".compose-preview");
  await write(chief, { headline: "Water off in hall 5" });
  await chief.click(".wordings .chip:has-text('Español')");
  await write(chief, { headline: "Sin agua en la nave 5", text: "Desde las 14." });
  await send(chief);
  await chief.waitForSelector(".board-sentence");
  await anna.waitForSelector(".alert-dialog:has-text('Sin agua en la nave 5')");
  await confirm(anna);
  await anna.waitForSelector(".alert-dialog", { state: "detached" });
  await chief.click(".console-places a[href='/console/drafts']");
  await chief.waitForSelector(":has-text('No drafts')");

  // A schedule is kept, paused, goes on, and is deleted.
  await chief.click(".console-places a[href='/console/new']");
  await write(chief, { headline: "Test of the siren", to: ["anna"] });
  await chief.click("label:has-text('Again and again')");
  await chief.click(".presets .chip:has-text('Tue')");
  await chief.click(".send-inside .primary");
  await chief.waitForSelector(".hint.problem:has-text('name')");
  await chief.fill("label:has-text('Name of the schedule') + input", "siren");
  await accessible(chief, "an alert again and again");
  await send(chief);
  await chief.waitForSelector(".console-lines li:has-text('next:')");
  await accessible(chief, "the schedules");
  await picture(chief, "schedules");
  await chief.click(".console-lines button:has-text('Pause')");
  await chief.waitForSelector(".console-lines li.paused:has-text('Paused')");
  assert.equal(JSON.parse(await command("--json", "alert", "schedule", "list"))[0].paused, true);
  await chief.click(".console-lines button:has-text('Resume')");
  await chief.waitForSelector(".console-lines li:not(.paused):has-text('next:')");
  await chief.click("button[aria-label='Delete the schedule siren']");
  await accessible(chief, "what is asked before a schedule is deleted");
  await chief.click(".dialog-foot .danger");
  await chief.waitForSelector(":has-text('No schedules')");
  quiet(anna, chief);
});

/** What of these stands on more than one line, or beside its box. */
function broken(page, selector) {
  return page.locator(selector).evaluateAll((all) => all.filter((one) => {
    const range = document.createRange();
    range.selectNodeContents(one);
    const box = one.closest("label").getBoundingClientRect();
    return [...range.getClientRects()].some((line, at) => at > 0 || line.left < box.left || line.right > box.right);
  }).map((one) => one.textContent));
}

async function keep(page, what) {
  await page.click("button[aria-label='Keep it']");
  await page.click(`[role=menuitem]:has-text("${what}")`);
}
