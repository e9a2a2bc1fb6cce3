// Pictures and files: by drop, by paste and by choosing; they come down byte for byte; what is too large is refused in
// words.

import { readFileSync } from "node:fs";
import { accessible, assert, flow, picture, quiet, settings, signIn } from "./harness.mjs";
import { gone } from "./talking.mjs";

/** The smallest picture there is: one point. */
const PICTURE = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");

await flow(async (browser) => {
  const anna = await signIn(browser, "anna", settings.anna, { path: "/chats/bert@office.internal" });
  const bert = await signIn(browser, "bert", settings.bert, { width: 360, height: 740, locale: "es-ES", path: "/chats/anna@office.internal" });

  await drop(anna, "dragenter");
  await anna.locator(".drop").waitFor();
  await accessible(anna, "dropping a picture");
  await drop(anna, "drop");
  await gone(anna, ".drop");
  for (const page of [anna, bert]) await loaded(page, "dropped.png");

  // By paste, with the bytes held back, so that the progress is seen.
  let go = () => {};
  const held = new Promise((resolve) => (go = resolve));
  await anna.route("**/files/**", async (route) => {
    if (route.request().method() === "PUT") await held;
    await route.continue();
  });
  await anna.evaluate((bytes) => {
    const data = new DataTransfer();
    data.items.add(new File([Uint8Array.from(bytes)], "pasted.png", { type: "image/png" }));
    document.querySelector(".composer textarea").dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  }, [...PICTURE]);
  await anna.locator(".sending progress").waitFor();
  await accessible(anna, "a picture on its way");
  assert.equal(await bert.locator("img[alt='pasted.png']").count(), 0);
  go();
  for (const page of [anna, bert]) await loaded(page, "pasted.png");
  await gone(anna, ".sending");
  await anna.unroute("**/files/**");

  // Every byte there is, and what a browser could mistake for a page.
  const bytes = Buffer.concat([Buffer.from("<script>globalThis.ran = 1</script>"), Buffer.from(Array.from({ length: 70_000 }, (_, at) => (at * 7 + (at >> 8)) & 255))]);
  await bert.setInputFiles("input[type=file]", { name: "Plan \u00d1 3.html", mimeType: "text/html", buffer: bytes });
  const file = anna.locator(".message .file", { hasText: "Plan \u00d1 3.html" });
  await file.waitFor();
  const [download] = await Promise.all([anna.waitForEvent("download"), file.click()]);
  assert.equal(download.suggestedFilename(), "Plan \u00d1 3.html");
  assert.ok(readFileSync(await download.path()).equals(bytes), "it is the same, byte for byte");
  assert.equal(await anna.evaluate(() => globalThis.ran), undefined);
  await accessible(bert, "pictures and files on a phone, in Spanish");
  await picture(anna, "files");

  for (const page of [anna, bert]) {
    await page.setInputFiles("input[type=file]", { name: "film.bin", mimeType: "application/octet-stream", buffer: Buffer.alloc(300_000) });
    const refused = page.locator(".sending .problem");
    await refused.waitFor();
    assert.ok((await refused.innerText()).length > 10, "it says why");
    await accessible(page, "a file that is too large");
    await page.locator(".sending .icon-button").last().click();
    await gone(page, ".sending");
  }
  assert.equal(await bert.locator(".message", { hasText: "film.bin" }).count(), 0);
  for (const page of [anna, bert]) {
    await page.reload();
    for (const name of ["dropped.png", "pasted.png"]) await loaded(page, name);
    assert.equal(await page.locator(".message .file").count(), 1);
  }
  quiet(anna, bert);
});

/** Drags a picture over the conversation, or drops it there. */
async function drop(page, kind) {
  await page.evaluate(([kind, bytes]) => {
    const data = new DataTransfer();
    data.items.add(new File([Uint8Array.from(bytes)], "dropped.png", { type: "image/png" }));
    document.querySelector(".conversation").dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
  }, [kind, [...PICTURE]]);
}

/** The picture is shown, and is one. */
async function loaded(page, name) {
  await page.waitForFunction((name) => [...document.querySelectorAll(".message img")].some((one) => one.alt === name && one.complete && one.naturalWidth === 1), name);
}
