// A service that keeps no archive: a page that was away has what was owed to it, once, and asks for nothing that cannot be.

import { ask, assert, flow, quiet, settings, signIn } from "./harness.mjs";
import { gone, message, saidIs, text, write } from "./talking.mjs";

await flow(async (browser) => {
  const anna = await signIn(browser, "anna", settings.anna, { path: "/chats/bert@office.internal" });
  const bert = await signIn(browser, "bert", settings.bert, { width: 360, height: 740, locale: "es-ES", path: "/chats/anna@office.internal" });
  const asked = [];
  bert.on("request", (request) => {
    const after = new URL(request.url()).searchParams.get("after");
    if (request.url().includes("/history") && after) asked.push(after);
  });
  const said = ["1"];
  // What is not taken when the service ends is said again, and nobody can know it again who keeps nothing.
  const isTaken = (words) => message(anna, words).locator(".progress:not(.waiting)").waitFor();
  await write(anna, "1");
  await isTaken("1");
  await bert.waitForSelector(text("1"));
  for (const words of ["2", "3"]) {
    await bert.context().setOffline(true);
    await ask("kill");
    await bert.waitForSelector(".reconnect");
    await ask("launch");
    await gone(anna, ".reconnect");
    await write(anna, words);
    await isTaken(words);
    const answered = bert.waitForResponse((response) => /history\?.*after=/.test(response.url()));
    // Which it then does without, and is done with it before it is away again.
    const without = bert.waitForResponse((response) => /history\?(?!.*after=)/.test(response.url()));
    await bert.context().setOffline(false);
    assert.equal((await answered).status(), 404);
    await (await without).finished();
    said.push(words);
    await saidIs(bert, ...said);
    await gone(bert, ".reconnect");
  }
  // Each time after what it had last then.
  assert.ok(new Set(asked).size >= 2 && asked.every((id, at) => at === 0 || id >= asked[at - 1]), asked.join(", "));
  assert.equal(await bert.locator(".toast").count(), 0);
  quiet(anna, bert);
});
