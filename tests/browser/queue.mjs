// Several alerts at once, over whatever somebody does: in order and counted, told apart without colours, loud, and
// answered by nothing but an answer.

import { accessible, assert, command, confirm, flow, picture, quiet, settings, signIn, tab } from "./harness.mjs";

await flow(async (browser) => {
  const anna = await signIn(browser, "anna", settings.anna, { path: "/chats/bert@office.internal", notifications: true });
  const other = await tab(anna);
  const phone = await signIn(browser, "bert", settings.bert, { width: 360, height: 740, locale: "es-ES", theme: "dark" });
  await anna.bringToFront();

  // Somebody who is typing goes on typing: what they write goes where they wrote it.
  await anna.click("textarea");
  const shown = alert("minor", "Lift out of order").then(() => anna.waitForSelector(".alert-dialog:has-text('Lift out of order')"));
  const typed = await typeUntil(anna, shown);
  assert.equal(await anna.inputValue("textarea"), typed);
  await anna.waitForSelector(".alert-dialog:modal");

  // The gravest comes first; each says by a word and a sign what it is, who vouches for it, and how long it lasts.
  await alert("extreme", "Gas in hall 4");
  await alert("severe", "Storm at noon");
  for (const [page, words] of [[anna, "1 of 3"], [phone, "1 de 3"]]) {
    await page.waitForSelector(`.alert-dialog:has-text("Gas in hall 4") .alert-count:has-text("${words}")`);
  }
  assert.deepEqual(await faces(anna, "Look at the next alert"), [
    ["Extreme", "Gas in hall 4"], ["Severe", "Storm at noon"], ["Minor", "Lift out of order"],
  ]);
  for (const page of [anna, phone]) {
    await page.waitForSelector(".alert-dialog .level svg");
    await page.waitForSelector(".alert-dialog .verified");
  }
  assert.match(await anna.textContent(".alert-dialog"), /2 hours left|1 hour 5\d minutes left/);
  await accessible(anna, "an alert among several");
  await accessible(phone, "an alert among several, on a phone, in Spanish");
  await picture(anna, "queue");
  await picture(phone, "queue-phone-dark");
  await anna.waitForFunction(() => globalThis.played?.length > 0);

  // No key that was meant for something else answers, and nothing makes it go.
  await awake(anna);
  for (const key of ["Escape", "Escape", "Enter", " ", "y"]) await anna.keyboard.press(key);
  await anna.mouse.click(5, 5);
  await anna.waitForSelector(".alert-dialog:modal:has-text('Gas in hall 4')");
  await anna.reload();
  await anna.waitForSelector(".alert-dialog:modal .alert-count:has-text('1 of 3')");
  assert.equal((await report("Gas in hall 4")).counts.confirmed, 0);

  await confirm(phone);
  await phone.waitForSelector(".alert-dialog:has-text('Storm at noon') .alert-count:has-text('1 de 2')");

  // What is answered in one window is answered in the other.
  await other.bringToFront();
  await other.waitForSelector(".alert-dialog:has-text('Gas in hall 4')");
  await anna.bringToFront();
  await confirm(anna);
  await anna.waitForSelector(".alert-dialog:has-text('Storm at noon')");
  await other.bringToFront();
  await other.waitForSelector(".alert-ended:has-text('another device')");
  await accessible(other, "an alert that was answered elsewhere");
  await other.click(".alert-dialog .choice");
  await other.waitForSelector(".alert-dialog:has-text('Storm at noon') .alert-count:has-text('1 of 2')");
  for (const name of ["Storm at noon", "Lift out of order"]) {
    await other.waitForSelector(`.alert-dialog:has-text("${name}")`);
    await confirm(other);
  }
  await other.waitForSelector(".alert-dialog", { state: "detached" });
  for (const name of ["Gas in hall 4", "Storm at noon", "Lift out of order"]) {
    const row = (await report(name)).recipients.find((one) => one.recipient.startsWith("user:anna"));
    assert.equal(row.stage, "confirmed", name);
  }
  await other.goto(new URL("/alerts", other.url()).href);
  await other.waitForSelector(".alert-line:has-text('You answered: OK')");
  await accessible(other, "the alerts that are past");
  quiet(anna, other, phone);
});

async function alert(level, headline) {
  await command("alert", "send", "--to", "user:anna,user:bert", "--severity", level, "--expires", "2h", headline);
}

async function report(headline) {
  const all = JSON.parse(await command("--json", "alert", "list", "--all"));
  return JSON.parse(await command("--json", "alert", "report", all.find((one) => one.headline === headline).id));
}

/** What each alert of the queue says it is, one after the other; ends at the first again. */
async function faces(page, next) {
  const all = [];
  for (;;) {
    const dialog = page.locator(".alert-dialog");
    const face = [(await dialog.locator(".level").first().textContent()).trim(), await dialog.locator(".alert-headline").textContent()];
    if (all.some((one) => one[1] === face[1])) return all;
    all.push(face);
    await page.click(`button[aria-label="${next}"]`);
    await page.waitForFunction((before) => document.querySelector(".alert-dialog .alert-headline")?.textContent !== before, face[1]);
  }
}

/** Waits until the choices of the alert in front are awake. */
async function awake(page) {
  await page.waitForFunction(() => {
    const button = document.querySelector(".alert-dialog .choice");
    return button && button.getAttribute("aria-disabled") !== "true";
  });
}

/** Types word after word until what is waited for has come, and one more; gives what was typed. */
async function typeUntil(page, awaited) {
  let [typed, over] = ["", false];
  awaited.then(() => (over = true), () => (over = true));
  for (let last = false; !last; ) {
    last = over;
    await page.keyboard.type("word ", { delay: 20 });
    typed += "word ";
  }
  await awaited;
  return typed;
}
