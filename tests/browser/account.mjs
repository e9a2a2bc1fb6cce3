// One's own account: what is kept about one, devices, a new password, and the end of it.

import { readFileSync } from "node:fs";
import { accessible, assert, command, flow, quiet, settings, signIn } from "./harness.mjs";
import { gone, text, write } from "./talking.mjs";

await flow(async (browser) => {
  const desk = await signIn(browser, "anna", settings.anna, { path: "/chats/bert@office.internal" });
  const phone = await signIn(browser, "anna", settings.anna, { width: 360, height: 740, locale: "es-ES" });
  const third = await signIn(browser, "anna", settings.anna, { width: 720, height: 900 });
  await write(desk, "For the record");
  await desk.locator(".progress", { hasText: "Sent" }).waitFor();

  // What is kept about her comes as a file, with what she said.
  await desk.goto(new URL("/me/data", desk.url()).href);
  await accessible(desk, "one's own data");
  const [download] = await Promise.all([desk.waitForEvent("download"), desk.getByRole("button", { name: "Download" }).click()]);
  const lines = readFileSync(await download.path(), "utf8").trim().split("\n").map((line) => JSON.parse(line));
  assert.ok(lines.length > 0 && JSON.stringify(lines).includes("For the record"));

  // One device is signed out by another; the rest stay.
  await desk.goto(new URL("/me/devices", desk.url()).href);
  await desk.locator(".devices li").nth(2).waitFor();
  assert.equal(await desk.locator(".devices li").count(), 3);
  await accessible(desk, "devices");
  await desk.locator(".devices li").nth(1).getByRole("button", { name: "Sign out" }).click();
  await desk.waitForFunction(() => document.querySelectorAll(".devices li").length === 2);
  const isOut = (page) => page.waitForSelector("input[autocomplete=username]");
  const out = await Promise.race([phone, third].map((page) => isOut(page).then(() => page)));
  const rest = out === phone ? third : phone;
  await accessible(out, "signing in again");
  assert.equal(await rest.locator("input[autocomplete=username]").count(), 0);

  // A new password: this one stays, the others do not.
  await desk.goto(new URL("/me/password", desk.url()).href);
  await desk.getByLabel("Password of now").fill("not this one");
  await desk.getByLabel("New password", { exact: true }).fill("a new and longer one");
  await desk.getByLabel("New password once more").fill("a new and longer one");
  await desk.getByRole("button", { name: "Change the password" }).click();
  await desk.locator(".hint.problem", { hasText: "wrong" }).waitFor();
  await accessible(desk, "a wrong password of now");
  await desk.getByLabel("Password of now").fill(settings.anna);
  await desk.getByRole("button", { name: "Change the password" }).click();
  await desk.locator(".toast", { hasText: "Your password is changed" }).waitFor();
  await isOut(rest);
  await desk.goto(new URL("/chats/bert@office.internal", desk.url()).href);
  await desk.waitForSelector(text("For the record"));

  // Everywhere: this one too.
  const again = await signIn(browser, "anna", "a new and longer one", { path: "/me/devices", locale: "es-ES" });
  await again.getByRole("button", { name: "Cerrar todas las sesiones" }).click();
  await accessible(again, "signing out everywhere, in Spanish");
  await again.locator(".dialog-foot .primary").click();
  for (const page of [desk, again]) await isOut(page);

  // The end.
  const last = await signIn(browser, "anna", "a new and longer one", { path: "/me/data" });
  await last.getByRole("button", { name: "Remove my account" }).click();
  const name = last.locator(".dialog input");
  await name.fill("bert");
  await last.locator(".dialog-foot .danger").click();
  await last.locator(".dialog .problem").waitFor();
  await accessible(last, "removing one's account");
  await name.fill("anna");
  await last.locator(".dialog-foot .danger").click();
  await isOut(last);
  assert.ok(!(await command("user", "list")).includes("anna"));
  await gone(last, ".rail");
  quiet(desk, phone, third, again, last);
});
