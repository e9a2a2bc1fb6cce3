// An alert that most people confirm, some after it was said again, a few not at all.

import { at, planNow } from "./clock.mjs";
import { assert, command } from "./harness.mjs";

/** How many of its recipients the alert of the story has, beside those who play a part. */
const CREW = 40;

const alert = {
  headline: "Water leak in the cellar of building B",
  text: "Leave the cellar and the ground floor of building B now. The lifts are out of service.\n\nThe fire brigade is on its way. Stay away from the loading bay until we say that it is over.",
  severity: "severe",
  language: "en",
  choices: ["I am safe", "I need help", "I am not in the building"],
  translations: {
    es: {
      headline: "Fuga de agua en el sótano del edificio B",
      text: "Salga ahora del sótano y de la planta baja del edificio B. Los ascensores no funcionan.\n\nLos bomberos están en camino. No se acerque al muelle de carga hasta que avisemos.",
      choices: ["Estoy a salvo", "Necesito ayuda", "No estoy en el edificio"],
    },
  },
  link: "https://office.internal/plans/building-b",
  audience: "everyone",
  expires_in_seconds: 7_200,
  repeat_seconds: 300,
  escalation: [{ after_seconds: 900, fewer_than: "80%", audience: "group:office" }],
};

/** The moments of the confirmations: minutes after the alert, and how many. */
const confirmations = [[1, 9], [2, 8], [3, 5], [6, 6], [8, 3], [12, 2]];

/** Sends it, and lets the crew answer. */
export async function waterLeak(passwords, call, stage) {
  const crew = Array.from({ length: CREW }, (_, number) => `crew-${String(number + 1).padStart(2, "0")}`);
  for (const name of crew) {
    passwords[name] = "correct horse battery staple";
    await call("chief", "POST", "/accounts", { name, password: passwords[name], groups: [] });
  }
  const signedIn = crew.slice(0, 36);
  for (const name of signedIn) await stage.evaluate(([name, password]) => globalThis.enter(name, password), [name, passwords[name]]);
  at("2024-03-12T09:10:00Z");
  planNow();
  const sent = await call("chief", "POST", "/alerts", alert);
  for (const [minutes, count] of confirmations) {
    at(new Date(Date.parse("2024-03-12T09:10:00Z") + minutes * 60_000).toISOString());
    for (const name of signedIn.splice(0, count)) {
      const choice = name === "crew-14" ? 1 : name.endsWith("5") ? 2 : 0;
      await stage.evaluate(([name, said]) => globalThis.say(name, said), [name, { type: "confirm", alert: sent.id, choice: alert.choices[choice] }]);
    }
  }
  for (const name of signedIn) await stage.evaluate(([name, said]) => globalThis.say(name, said), [name, { type: "seen", alert: sent.id }]);
  assert.match(await command("alert", "list"), /Water leak/);
  return sent;
}
