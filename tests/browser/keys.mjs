// Everything without a mouse: jumping, moving, writing, and what can be done with a message.

import { accessible, assert, flow, quiet, settings, signIn } from "./harness.mjs";
import { gone, message, saidIs, text } from "./talking.mjs";

await flow(async (browser) => {
  const anna = await signIn(browser, "anna", settings.anna);
  const bert = await signIn(browser, "bert", settings.bert, { locale: "es-ES", theme: "dark" });
  const [keys, others] = [anna.keyboard, bert.keyboard];

  // To somebody by a few letters, and a message.
  await jump(anna, "ber");
  await accessible(anna, "jumping by the keyboard");
  await keys.press("Enter");
  await focused(anna, ".composer textarea");
  await keys.type("By keys alone");
  await keys.press("Shift+Enter");
  await keys.type("second line");
  await keys.press("Enter");
  await saidIs(anna, "By keys alone\nsecond line");

  // Along the list: the arrows move, Enter opens, Escape goes back.
  await bert.waitForSelector(".line.unread");
  await bert.locator("[role=tab][aria-selected=true]").focus();
  await others.press("Tab");
  while (!(await bert.evaluate(() => document.activeElement?.matches("a.line, #chat-panel")))) await others.press("Tab");
  await others.press("ArrowDown");
  await focused(bert, "a.line");
  await others.press("Enter");
  await focused(bert, ".composer textarea");
  await others.type("Con teclas");
  await others.press("Enter");
  await anna.waitForSelector(text("Con teclas"));
  await others.press("Escape");
  await gone(bert, ".conversation");
  await others.press("Alt+ArrowDown");
  await bert.waitForSelector(".conversation");

  // The last message of one's own by the arrow; Escape leaves it as it was.
  await keys.press("ArrowUp");
  await anna.waitForSelector(".composer .about");
  await anna.waitForFunction(() => document.querySelector(".composer textarea")?.value.startsWith("By keys"));
  await keys.press("Escape");
  await gone(anna, ".composer .about");
  await anna.waitForSelector(".conversation");

  // The menu of a message: reached by Tab, opened, moved through and closed.
  await message(anna, "Con teclas").getByRole("button", { name: "React" }).waitFor({ state: "attached" });
  while (!(await anna.evaluate(() => document.activeElement?.matches(".message.other .actions .menu-place:last-child > button")))) await keys.press("Shift+Tab");
  await keys.press("Enter");
  await focused(anna, "[role=menuitem]");
  await keys.press("ArrowDown");
  await keys.press("Escape");
  await gone(anna, "[role=menu]");
  await focused(anna, ".message.other .actions .menu-place:last-child > button");
  await keys.press("Shift+Tab");
  await keys.press("Enter");
  await anna.waitForSelector(".composer .about");
  await focused(anna, ".composer textarea");
  await keys.type("An answer");
  await keys.press("Enter");
  await message(bert, "An answer").locator(".quote-text", { hasText: "Con teclas" }).waitFor();

  // The keys themselves are told by a key.
  await keys.press("Escape");
  await gone(anna, ".conversation");
  await keys.press("?");
  await anna.waitForSelector(".keys");
  await accessible(anna, "the list of keys");
  await keys.press("Escape");
  await gone(anna, ".keys");
  await jump(bert, "avis");
  await others.press("Enter");
  await bert.waitForSelector(".view.alerts");
  quiet(anna, bert);
});

async function jump(page, letters) {
  await page.keyboard.press("Control+k");
  await focused(page, ".jump input");
  await page.keyboard.type(letters);
  await page.waitForSelector(".jump [role=option][aria-selected=true]");
}

/** The focus is on what this selects. */
async function focused(page, selector) {
  await page.waitForFunction((selector) => document.activeElement?.matches(selector), selector);
}
