// Sixty-four emoji, markup, direction overrides and control characters in everything that one can write: it is shown as
// text, nothing of it runs, and nothing reorders what stands around it.

import { accessible, assert, flow, picture, quiet, settings, signIn } from "./harness.mjs";
import { gone, text, write } from "./talking.mjs";

const EMOJI = "\u{1f600}".repeat(64);
const MARKUP = '</script><script>globalThis.ran = 1</script><img src=x onerror="globalThis.ran = 1">';
const DECEIVING = "\u202egnp\u202c \u2066isolated \u0007bell\u009b\u202dleft";
const SHORT = "\u202e<img src=x onerror=ran=1>\u2066";

await flow(async (browser) => {
  const anna = await signIn(browser, "anna", settings.anna, { path: "/chats" });
  const bert = await signIn(browser, "bert", settings.bert, { width: 360, height: 740, locale: "es-ES", path: "/me/status" });

  // Contact: a name and labels of one's own.
  await anna.getByRole("button", { name: "New", exact: true }).click();
  await anna.getByRole("menuitem", { name: "Add a person" }).click();
  await anna.getByLabel("Name or address").fill("bert");
  await anna.getByLabel("Your name for them").fill(SHORT);
  for (const label of [MARKUP.slice(0, 39), "\u{1f600}".repeat(20)]) {
    await anna.getByLabel("New label").fill(label);
    await anna.getByLabel("New label").press("Enter");
  }
  await accessible(anna, "adding a person with awkward labels");
  await anna.locator(".dialog-foot .primary").click();
  await gone(anna, ".dialog");
  await bert.goto(new URL("/chats", bert.url()).href);
  await bert.getByRole("button", { name: "Aceptar" }).click();
  await gone(bert, ".request");
  // What another program put there may be longer than this one lets people write.
  await anna.evaluate((what) => fetch("/api/v1/contacts/bert@office.internal", { method: "PUT", headers: { "content-type": "application/json" }, body: JSON.stringify(what) }), { name: EMOJI.slice(0, 100), labels: [EMOJI.slice(0, 100), MARKUP] });

  // Status.
  for (const status of [EMOJI, MARKUP + DECEIVING]) {
    await bert.goto(new URL("/me/status", bert.url()).href);
    await bert.getByLabel("Texto de estado").fill(status);
    await bert.getByRole("button", { name: "Guardar" }).click();
    await anna.getByRole("tab", { name: "Contacts" }).click();
    const start = status === EMOJI ? EMOJI : MARKUP;
    await anna.locator(".line", { hasText: start }).first().waitFor();
    await harmlessIs(anna, "contacts");
    await accessible(anna, "contacts with awkward names");
  }
  await picture(anna, "awkward-contacts");

  // Messages.
  await anna.locator(".line").first().click();
  await bert.goto(new URL("/chats/anna@office.internal", bert.url()).href);
  for (const words of [EMOJI, MARKUP, DECEIVING, "\u0645\u0631\u062d\u0628\u0627 (5) \u202e!", "last"]) await write(anna, words);
  for (const page of [anna, bert]) {
    await page.waitForSelector(text("last"));
    assert.equal(await page.locator(text(MARKUP)).count(), 1);
    assert.equal(await page.locator(text("gnp")).count(), 1);
    assert.equal(await page.locator(text(EMOJI)).count(), 1);
    await harmlessIs(page, "messages");
    await accessible(page, "awkward messages");
  }
  assert.equal(await anna.locator(".failed").count(), 0);
  await write(anna, "a".repeat(3000));
  await bert.waitForSelector(text("a".repeat(3000)));
  for (const page of [anna, bert]) await harmlessIs(page, "a word without end");
  await picture(bert, "awkward-messages-phone");

  // The name of a file.
  const name = `\u202e${MARKUP.replaceAll("/", "")}\u2066.txt`;
  await anna.setInputFiles("input[type=file]", { name, mimeType: "text/plain", buffer: Buffer.from("words") });
  for (const page of [anna, bert]) {
    await page.locator(".message .file", { hasText: "onerror" }).waitFor();
    await harmlessIs(page, "the name of a file");
  }

  // The title of a room, of which the other is told by an invitation.
  await anna.getByRole("button", { name: "New", exact: true }).click();
  await anna.getByRole("menuitem", { name: "New room" }).click();
  await anna.getByLabel("Title").fill(`Room ${MARKUP.slice(-46)}${DECEIVING}`);
  await anna.locator(".dialog .tick input").first().check();
  await anna.locator(".dialog-foot .primary").click();
  await anna.locator(".conversation-head h1", { hasText: "onerror" }).waitFor();
  await bert.getByRole("button", { name: "Volver" }).click();
  await bert.locator(".request", { hasText: "onerror" }).waitFor();
  for (const page of [anna, bert]) await harmlessIs(page, "the title of a room");
  await anna.getByRole("button", { name: "Details" }).click();
  await accessible(anna, "the details of a room with an awkward title");
  await harmlessIs(anna, "the details of a room");
  await anna.keyboard.press("Control+k");
  await anna.locator(".jump input").fill("onerror");
  await accessible(anna, "jumping to what has an awkward name");
  await harmlessIs(anna, "jumping");
  quiet(anna, bert);
});

/** Nothing ran, nothing deceives, nothing is wider than the screen. */
async function harmlessIs(page, where) {
  const wrong = await page.evaluate(() => {
    const found = [];
    if (globalThis.ran) found.push("it ran");
    if (document.querySelector("img[src='x'], img[onerror], body script:not([src])")) found.push("it is markup");
    if (document.documentElement.scrollWidth > innerWidth) found.push(`the page is ${document.documentElement.scrollWidth} wide`);
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node; node = texts.nextNode()) {
      const words = node.textContent ?? "";
      if (/[\u202a-\u202e\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.test(words)) found.push(`it deceives: ${JSON.stringify(words)}`);
      const isApart = (element) => element && (/isolate|plaintext/.test(getComputedStyle(element).unicodeBidi) || isApart(element.parentElement));
      if (/[\u2066-\u2069\u0590-\u08ff]/.test(words) && !node.parentElement.closest("bdi") && !isApart(node.parentElement)) found.push(`it reorders: ${JSON.stringify(words)}`);
    }
    return found;
  });
  assert.deepEqual(wrong, [], where);
}
