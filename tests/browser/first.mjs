// Somebody who has only started the service: the password that it made, one of their own, two people, and an alert that
// both confirm. Nothing of it needs a terminal.

import { accessible, assert, command, confirm, flow, http, open, picture, quiet, sentence, settings } from "./harness.mjs";

await flow(async (browser) => {
  // The plain listener of this machine needs no certificate.
  const chief = await open(browser, { from: http });
  await accessible(chief, "signing in");
  await enter(chief, "admin", settings.password);
  await chief.waitForSelector("h1:has-text('Welcome, admin')");
  await accessible(chief, "the first change of a password");
  await picture(chief, "first-start");
  assert.equal(await chief.locator(".rail").count(), 0);

  // How others come to trust it is told at once, and what they need is there to be taken along.
  await chief.click("summary:has-text('Windows')");
  assert.match(await chief.textContent("details[open]"), /Trusted root/);
  const [download] = await Promise.all([chief.waitForEvent("download"), chief.click(".certificate a.button")]);
  assert.equal(download.suggestedFilename(), "messngr-ca.pem");
  const told = JSON.parse(await command("--json", "ca", "show"));
  const shown = (await chief.textContent(".certificate code")).trim();
  assert.equal(shown.replaceAll(":", "").toLowerCase(), told.fingerprint_sha256.replaceAll(":", "").toLowerCase());

  await change(chief, settings.password, "short");
  await chief.waitForSelector(".hint.problem:has-text('at least')");
  await change(chief, "not this one", "correct horse");
  await chief.waitForSelector(".hint.problem:has-text('wrong')");
  await accessible(chief, "the first change of a password, refused");
  await change(chief, settings.password, "correct horse");
  await chief.waitForSelector(".rail");
  // What comes first for whoever looks after the service is offered at once.
  await chief.waitForSelector(".empty a[href='/console/new']");
  await accessible(chief, "the first picture");

  await chief.click(".rail a[href='/console']");
  await chief.waitForSelector("main h1:has-text('Overview')");
  await accessible(chief, "the overview of a new service");
  await chief.click(".rail a[href='/chats']");
  await chief.click(".empty a[href='/console/people']");
  const anna = await add(chief, "Anna");
  const bert = await add(chief, "bert");
  await chief.waitForSelector(".table a[href='/console/people/bert']");

  // Whoever was given a password by somebody else is asked for one of their own, once.
  const desk = await open(browser, { width: 1280, height: 800 });
  const phone = await open(browser, { width: 360, height: 740, locale: "es-ES", theme: "dark" });
  for (const [page, name, password] of [[desk, "anna", anna], [phone, "bert", bert]]) {
    await enter(page, name, password);
    await page.waitForSelector("main.sign-in input[autocomplete=current-password]");
    await page.waitForSelector(".certificate");
    await accessible(page, `the first change of a password, ${name}`);
    await change(page, password, `${name} chooses this`);
    await page.waitForSelector(".rail");
    await page.reload();
    await page.waitForSelector(".rail");
  }
  await accessible(phone, "the first picture on a phone, in Spanish");
  await picture(phone, "first-phone-dark");

  await chief.click(".console-places a[href='/console/new']");
  await chief.fill("label:has-text('Headline') + input", "Fire drill at noon");
  await chief.click(".picker-input");
  for (const name of ["anna", "bert"]) {
    await chief.keyboard.type(name);
    await chief.waitForSelector(`.picker-list [role=option]:has-text("${name}")`);
    await chief.keyboard.press("Enter");
  }
  await chief.waitForFunction(() => /2 people.*2 of them/.test(document.querySelector(".audience-count")?.textContent ?? ""));
  await chief.click(".send-inside .primary");
  await chief.click(".dialog-foot .primary");
  await sentence(chief, /Nobody of 2/);
  for (const page of [desk, phone]) {
    await page.waitForSelector(".alert-dialog");
    await confirm(page);
    await page.waitForSelector(".alert-dialog", { state: "detached" });
  }
  await sentence(chief, /2 of 2 confirmed/);
  await accessible(chief, "the board");
  quiet(chief, desk, phone);
});

async function enter(page, name, password) {
  await page.fill("input[autocomplete=username]", name);
  await page.fill("input[type=password]", password);
  await page.click("button[type=submit]");
}

async function change(page, old, fresh) {
  await page.fill("input[autocomplete=current-password]", old);
  for (const field of await page.locator("input[autocomplete=new-password]").all()) await field.fill(fresh);
  await page.click("button[type=submit]");
}

/** Adds a person; gives back the password that was made for them. */
async function add(page, name) {
  await page.click("button:has-text('Add a person')");
  await page.waitForSelector("dialog[open] form");
  await accessible(page, "adding a person");
  await page.fill("dialog[open] label:has-text('Name') + input", name);
  await page.click("dialog[open] .dialog-foot .primary");
  await page.waitForSelector("dialog[open] .secret code");
  await accessible(page, "the password of a person who was added");
  const password = await page.textContent("dialog[open] .secret code");
  await page.click("dialog[open] .dialog-foot .primary");
  await page.waitForSelector("dialog[open]", { state: "detached" });
  return password;
}
