// A publisher for one group and an auditor use the console: what each is shown works, and nothing of it is refused.

import { accessible, assert, command, confirm, flow, picture, quiet, sentence, settings, signIn, textsAre } from "./harness.mjs";
import { send, write } from "./compose.mjs";

await flow(async (browser) => {
  await command("group", "add", "ward");
  await command("group", "join", "ward", "bert", "carl");
  await command("user", "grant", "anna", "publish:group:ward:severe");
  await command("user", "grant", "eva", "audit");
  // Of the first nobody but those of the ward knows yet: it waits for a second person.
  for (const [level, audience, headline] of [["severe", "group:ward", "Evacuate the ward"], ["moderate", "everyone", "Mail is away"]]) {
    await command("alert", "send", "--as", "chief", "--to", audience, "--severity", level, "--expires", "2h", headline);
  }

  const publisher = watched(await signIn(browser, "anna", settings.anna));
  const auditor = watched(await signIn(browser, "eva", settings.eva));
  const bert = await signIn(browser, "bert", settings.bert, { width: 360, height: 740 });
  for (const page of [publisher, auditor, bert]) {
    await confirm(page);
    await page.waitForSelector(".alert-dialog", { state: "detached" });
    if (page !== bert) await page.click(".rail a[href='/console']");
  }

  // Each opens all that the console shows them.
  assert.deepEqual(await places(publisher), ["overview", "new", "waiting", "drafts", "schedules", "templates"]);
  assert.deepEqual(await places(auditor), ["overview", "waiting", "schedules", "templates", "doors", "audit"]);
  assert.equal(await auditor.locator("a[href^='/console/new']").count(), 0);

  // The publisher has the group to choose, and neither everyone nor people; no level is above what they may send.
  await at(publisher, "new");
  await textsAre(publisher.locator(".level-choice"), ["Information", "Minor", "Moderate", "Severe"]);
  await publisher.locator(".picker-input").first().click();
  await textsAre(publisher.locator(".picker-list [role=option] bdi"), ["Group ward"]);
  await publisher.click(".send-inside button:has-text('Send it to me first')");
  await write(publisher, { headline: "Bring the beds back", text: "To corridor 2.", to: ["ward"] });
  await publisher.waitForSelector(".audience-count:has-text('2 people')");
  await accessible(publisher, "writing an alert to the one group");
  await picture(publisher, "compose-publisher");
  await publisher.click(".send-inside button:has-text('Send it to me first')");
  await confirm(publisher);
  await publisher.waitForSelector(".alert-dialog", { state: "detached" });
  await send(publisher);

  // Its board is theirs: who confirmed, once more to who did not, and the table to take along.
  await publisher.waitForSelector(".board-sentence:has-text('2')");
  await confirm(bert);
  await sentence(publisher, /1 of 2 confirmed/);
  await publisher.click("header button:has-text('Send again to 1 person')");
  await publisher.click(".dialog-foot .primary");
  await publisher.waitForSelector(".toast:has-text('Sent again to 1 person')");
  await publisher.click("button[aria-label='More about this alert']");
  await Promise.all([publisher.waitForEvent("download"), publisher.click("[role=menuitem]:has-text('CSV')")]);
  await accessible(publisher, "the board of a publisher");

  // What waits for the ward is let go by the publisher; what is for everyone is none of their business.
  await at(publisher, "waiting");
  await publisher.waitForSelector(".alert-card:has-text('Evacuate the ward')");
  await publisher.click(".release .primary");
  await bert.waitForSelector(".alert-dialog:has-text('Evacuate the ward')");
  await publisher.waitForSelector(".empty");
  await at(publisher, "overview");
  await textsAre(publisher.locator(".console-card:not(:has(.alert-mark)) .console-card-title"), ["Bring the beds back"]);

  // The auditor reads all of it, changes nothing, and has the log prove itself.
  await at(auditor, "overview");
  await auditor.waitForFunction(() => document.querySelectorAll(".console-card:not(:has(.alert-mark))").length === 3);
  await auditor.click(".console-card:has-text('Bring the beds back'):not(:has(.alert-mark))");
  await sentence(auditor, /1 of 2 confirmed/);
  // Nothing but the menu.
  await textsAre(auditor.locator("header button:visible"), [""]);
  await auditor.click("button[aria-label='More about this alert']");
  await Promise.all([auditor.waitForEvent("download"), auditor.click("[role=menuitem]:has-text('CSV')")]);
  await accessible(auditor, "the board, for an auditor");
  await at(auditor, "audit");
  await auditor.click("header button:has-text('Verify')");
  await auditor.waitForSelector(".note.health:not(.problem):has-text('Intact')");
  await auditor.waitForSelector(".table tr:has-text('anna')");
  await picture(auditor, "audit-auditor");

  for (const page of [publisher, auditor]) assert.deepEqual(page.refused, []);
  quiet(publisher, auditor, bert);
});

/** Remembers what the service refused this page. */
function watched(page) {
  page.refused = [];
  page.on("response", (response) => {
    if (response.status() >= 400) page.refused.push(`${response.request().method()} ${new URL(response.url()).pathname}: ${response.status()}`);
  });
  return page;
}

/** Opens every place that the console shows; gives back which. */
async function places(page) {
  await page.waitForSelector(".console-places a");
  const names = await page.locator(".console-places a").evaluateAll((links) => links.map((link) => link.getAttribute("href").split("/").at(-1)));
  for (const name of names) await at(page, name);
  return names;
}

/** Opens a place of the console, and waits until everything of it is there. */
async function at(page, name) {
  await page.click(`.console-places a[href='/console/${name}']`);
  await page.waitForSelector(`.console-places a.chosen[href='/console/${name}']`);
  await page.waitForFunction(() => document.querySelector(".console-page") && !document.querySelector(".console-main .one-moment"));
  assert.equal(await page.locator(".console-main .empty:has-text('This could not be loaded')").count(), 0, name);
}
