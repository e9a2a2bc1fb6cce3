// One alert, confirmed in a browser, by an XMPP client, and with the code from a message box in a browser without scripts:
// the board shows each as it happens.

import { accessible, ask, assert, command, confirm, flow, open, picture, quiet, sentence, settings, signIn } from "./harness.mjs";

/** What is promised is a second; a machine that does other things meanwhile may need longer. */
const SECONDS = 10;

await flow(async (browser) => {
  const chief = await signIn(browser, "chief", settings.chief, { width: 1440, height: 900, path: "/console/new" });
  const anna = await signIn(browser, "anna", settings.anna, { width: 360, height: 740, locale: "es-ES" });
  await chief.click(".level-choice.severe");
  await chief.fill("label:has-text('Headline') + input", "Gas in hall 4");
  await chief.fill("label:has-text('Text') + textarea", "Go to the gate.");
  await chief.click(".picker-input");
  for (const name of ["anna", "bert", settings.computer]) {
    await chief.keyboard.type(name);
    await chief.waitForSelector(`.picker-list [role=option]:has-text("${name}")`);
    await chief.keyboard.press("Enter");
  }
  await chief.click(".presets button:has-text('I am safe')");
  await chief.waitForFunction(() => /2 people.*1 computer/.test(document.querySelector(".audience-count")?.textContent ?? ""));
  await chief.click(".send-inside .primary");
  await chief.click(".dialog-foot .primary");
  await sentence(chief, /Nobody of 3/);

  const took = {};
  await anna.waitForSelector(".alert-dialog");
  took.browser = await seconds(chief, /1 of 3 confirmed/, "anna", () => confirm(anna));
  await anna.waitForSelector(".alert-dialog", { state: "detached" });

  took.xmpp = await seconds(chief, /2 of 3 confirmed/, "bert", () => ask({ what: "answer" }));

  // The text of the message box leads to a page that an old browser shows, here in Spanish.
  const message = await ask({ what: "message" });
  const [address, origin, path] = message.match(/(https?:\/\/[^/\s]+)(\/c\/[^\s\x14]+)/);
  assert.ok(message.includes("Gas in hall 4"), message);
  const old = await open(browser, { from: origin, path, javaScriptEnabled: false, locale: "es-ES", width: 800, height: 600 });
  await old.locator("body", { hasText: /Gas in hall 4[^]*PRESS1/ }).waitFor();
  await picture(old, "code");
  // What looks for barriers is a script itself.
  const looked = await open(browser, { from: origin, path, locale: "es-ES" });
  await accessible(looked, "where an alert is confirmed by a code");
  await old.goto(`${origin}/c`);
  await old.fill("#code", "AAAA-AAAA");
  await old.click("input[type=submit]");
  await old.locator("body", { hasText: /Ese código no existe/ }).waitFor();
  await old.fill("#code", address.split("/").at(-1));
  await old.click("input[type=submit]");
  took.code = await seconds(chief, /3 of 3 confirmed/, "PRESS1", () => old.click("input[value='I am safe']"));
  await old.locator("body", { hasText: /Gracias/ }).waitFor();
  await looked.click("input[value='I need help']");
  await looked.locator("body", { hasText: /ya se había confirmado con: I am safe/ }).waitFor();
  await accessible(looked, "what is said after a confirmation");
  await looked.goto(`${origin}/c`);
  await accessible(looked, "where a code is entered");

  await chief.waitForSelector(".answers dt:has-text('I am safe') + dd:has-text('3')");
  await accessible(chief, "the board of an alert that all have confirmed");
  await picture(chief, "three-ways");
  const [alert] = JSON.parse(await command("--json", "alert", "list", "--all"));
  const report = JSON.parse(await command("--json", "alert", "report", alert.id));
  const ways = report.recipients.map(({ confirmation }) => `${confirmation.protocol} ${confirmation.device.split("-").at(0)}`);
  assert.deepEqual(ways.sort(), ["web browser", "web code", "xmpp bert"]);
  console.log(`from the answer to the board, in milliseconds: ${JSON.stringify(took)}`);
  quiet(anna, chief, looked, old);
});

/** Milliseconds from when somebody has answered until the board counts it and names who it was. */
async function seconds(chief, pattern, who, answer) {
  await answer();
  const since = Date.now();
  chief.setDefaultTimeout(SECONDS * 1000);
  await sentence(chief, pattern);
  await chief.waitForSelector(`.table tbody tr:has-text("${who}"):has-text("Confirmed"):has-text("I am safe")`);
  return Date.now() - since;
}
