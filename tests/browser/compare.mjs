// Whether a page looks as it did: pictures that are committed beside the flows.

import { createRequire } from "node:module";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { packages } from "./harness.mjs";

const require = createRequire(join(packages, "..", "flows.js"));
const { PNG } = require("pngjs");
// It is a module, which `require` of Node 18 does not load.
const { default: pixelmatch } = await import(pathToFileURL(join(packages, "pixelmatch/index.js")));

const COMMITTED = join(dirname(fileURLToPath(import.meta.url)), "snapshots");
/** The share of pixels that may differ. */
const SHARE = 0.0003;
const problems = [];
let folder;

/** Compares what the page shows now with the picture of this name; `BROWSER_SNAPSHOTS=write` makes it the picture. */
export async function looksAs(page, name) {
  await page.evaluate(() => document.fonts.ready);
  // Nothing is under the mouse, and no cursor blinks.
  await page.mouse.move(0, 0);
  const taken = await page.screenshot({ caret: "hide" });
  const file = join(COMMITTED, `${name}.png`);
  if (process.env.BROWSER_SNAPSHOTS === "write") {
    mkdirSync(COMMITTED, { recursive: true });
    return writeFileSync(file, PNG.sync.write(PNG.sync.read(taken), { colorType: 2, deflateLevel: 9 }));
  }
  if (!existsSync(file)) return tell(name, "there is no picture yet", taken);
  const [is, was] = [PNG.sync.read(taken), PNG.sync.read(readFileSync(file))];
  if (is.width !== was.width || is.height !== was.height) return tell(name, "the size differs", taken);
  const difference = new PNG({ width: is.width, height: is.height });
  const differing = pixelmatch(was.data, is.data, difference.data, is.width, is.height, { threshold: 0.1 });
  if (differing > SHARE * is.width * is.height) {
    tell(name, `${differing} pixels differ`, taken, PNG.sync.write(difference));
  }
}

/** Fails, naming every screen that looks otherwise, where the pictures are and what to do. */
export function allLookAlike() {
  if (problems.length === 0) return;
  throw new Error(
    `${problems.join("\n")}\nWhat was seen, and the differences, are in ${folder}. ` +
      "Look at them; where they are as they should be, run the test with BROWSER_SNAPSHOTS=write and commit tests/browser/snapshots.",
  );
}

function tell(name, what, taken, difference) {
  folder ??= mkdtempSync(join(tmpdir(), "messngr-snapshots-"));
  writeFileSync(join(folder, `${name}.png`), taken);
  if (difference) writeFileSync(join(folder, `${name}-difference.png`), difference);
  problems.push(`${name}: ${what}`);
}
