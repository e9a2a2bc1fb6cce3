// Writing an alert in the console, as several flows do it.

/** Fills in what is given on the page that writes alerts. */
export async function write(page, { headline, text, level, to = [] }) {
  await page.waitForSelector(".compose");
  if (level) await page.click(`.level-choice.${level}`);
  if (headline) await page.fill(".compose input[maxlength='200']", headline);
  if (text) await page.fill(".compose textarea", text);
  for (const name of to) {
    await page.locator(".picker-input").first().click();
    await page.keyboard.type(name);
    await page.waitForSelector(`.picker-list [role=option]:has-text("${name}")`);
    await page.keyboard.press("Enter");
  }
  if (to.length) await page.waitForSelector(".audience-count strong");
}

/** Sends it, after what is asked. */
export async function send(page) {
  await page.click(".send-inside .primary");
  await page.click(".dialog-foot .primary");
  await page.waitForSelector("dialog.dialog[open]", { state: "detached" });
}
