// Whoever looks after the service: people from a table, groups, rights, tokens, the audit log, and how the service is.

import { Buffer } from "node:buffer";
import { accessible, assert, flow, https, open, picture, quiet, settings, signIn } from "./harness.mjs";

/** One line is fine, one makes a name that cannot be, one comes twice, one has a password of its own. */
const TABLE = "name,groups,password\nclara,ward;chiefs,\nbad name!,ward,\nanna,ward,\nDavid@office.internal,plant,battery staple\n";

await flow(async (browser) => {
  const chief = await signIn(browser, "chief", settings.chief, { path: "/console/people", acceptDownloads: true });
  await chief.waitForSelector(".table a[href='/console/people/anna']");
  await accessible(chief, "the people");

  await chief.click("header button:has-text('Import a table')");
  await chief.setInputFiles("dialog input[type=file]", { name: "people.csv", mimeType: "text/csv", buffer: Buffer.from(TABLE) });
  await chief.waitForSelector("dialog:has-text('4 people were found')");
  await accessible(chief, "a table of people");
  await chief.click(".dialog-foot .primary");
  await chief.waitForSelector("dialog h2:has-text('2 people were added')");
  await chief.waitForSelector("dialog:has-text('2 were not added') li:has-text('bad name!')");
  await chief.waitForSelector("dialog li:has-text('anna')");
  await accessible(chief, "what became of a table of people");
  const [saved] = await Promise.all([chief.waitForEvent("download"), chief.click(".dialog-foot button:has-text('Save the passwords')")]);
  assert.equal(saved.suggestedFilename(), "passwords.csv");
  await chief.click(".dialog-foot .primary");

  // Somebody gets another password, a group and a right, and is kept out for a time.
  await chief.click(".table a[href='/console/people/anna']");
  await accessible(chief, "a person");
  await chief.check("dialog .ticks label:has-text('ward') input");
  await chief.click("dialog button:has-text('Let them read all reports')");
  await chief.waitForSelector("dialog li:has-text('Reads alerts, reports')");
  await chief.click("dialog button:has-text('New password')");
  await accessible(chief, "another password for a person");
  await chief.click(".dialog-foot .primary");
  await chief.waitForSelector("dialog .secret code");
  const password = await chief.textContent("dialog .secret code");
  await chief.click(".dialog-foot .primary");
  const anna = await open(browser, { width: 360, height: 740, locale: "es-ES" });
  await anna.fill("input[autocomplete=username]", "anna");
  await anna.fill("input[type=password]", password);
  await anna.click("button[type=submit]");
  await anna.waitForSelector("input[autocomplete=new-password]");
  await chief.click("dialog .switch-line:has-text('Disabled') input");
  await chief.waitForSelector(".table tr:has-text('anna') .wide-only .tag.bad");
  await anna.reload();
  await anna.waitForSelector("input[autocomplete=username]");
  await accessible(anna, "signing in on a phone, in Spanish");
  await chief.click("dialog button[aria-label='Close']");

  await chief.click(".console-places a[href='/console/groups']");
  await chief.click(".group-card:has-text('ward') summary");
  await chief.waitForSelector(".group-card:has-text('ward'):has-text('2 people') .chip:has-text('anna')");
  await accessible(chief, "the groups");

  // The secret of a token is shown once; it does what it may, until it is taken back.
  await chief.click(".console-places a[href='/console/tokens']");
  await chief.waitForSelector(":has-text('No tokens')");
  await chief.click("header button:has-text('Make a token')");
  await chief.fill("dialog label:has-text('Name') + input", "monitoring");
  await chief.uncheck("dialog label:has-text('Send alerts to these people') input");
  await chief.check("dialog label:has-text('Reads alerts, reports') input");
  await accessible(chief, "making a token");
  await chief.click(".dialog-foot .primary");
  const secret = await chief.textContent("dialog .secret code");
  await accessible(chief, "the secret of a token");
  await chief.click(".dialog-foot .primary");
  assert.equal(await reads(anna, secret), 200);
  await chief.reload();
  await chief.waitForSelector(":has-text('monitoring')");
  assert.ok(!(await chief.content()).includes(secret), "it is not shown again");
  await chief.click("button[aria-label='Take back the token monitoring']");
  await chief.click(".dialog-foot .danger");
  await chief.waitForSelector(":has-text('No tokens')");
  assert.equal(await reads(anna, secret), 401);

  // What was done stands in the log, which proves itself.
  await chief.click(".console-places a[href='/console/audit']");
  await chief.waitForSelector(".table tr:has-text('chief'):has-text('clara')");
  await chief.click("header button:has-text('Verify')");
  await chief.waitForSelector(".health:has-text('Intact')");
  await accessible(chief, "the audit log");
  await picture(chief, "audit");
  for (const place of ["here", "doors", "settings"]) {
    await chief.click(`.console-places a[href='/console/${place}']`);
    await chief.waitForSelector({ here: ".table tr:has-text('chief')", doors: ".health:has-text('well'), .doors li.good", settings: "dl.settings" }[place]);
    await accessible(chief, `the console: ${place}`);
  }
  // What each setting is for is told in both languages.
  const untold = await chief.evaluate(async () => {
    const languages = await Promise.all(["en", "es"].map(async (language) => (await fetch(`/words/${language}.json`)).json()));
    const shown = document.querySelectorAll("dl.settings dt code, .console-page h2 code");
    return [...shown].map((one) => one.textContent).filter((path) => languages.some((words) => !(`setting.${path}` in words)));
  });
  assert.deepEqual(untold, []);
  await chief.fill("input[type=search]", "length_min");
  await chief.waitForFunction(() => document.querySelectorAll("dl.settings > div").length === 1);
  quiet(anna, chief);
});

/** What a program with this token is answered. */
async function reads(page, secret) {
  const ask = async ([address, secret]) => {
    const headers = { authorization: `Bearer ${secret}` };
    return (await fetch(address, { headers, credentials: "omit" })).status;
  };
  return page.evaluate(ask, [`${https}/api/v1/alerts`, secret]);
}
