// A morning at a plant: what every picture shows. People are played by event streams in one page, as clients of theirs.

import { at } from "./clock.mjs";
import { assert, command, http, netSend, open } from "./harness.mjs";
import { waterLeak } from "./scene-alert.mjs";

/** Who plays a part, by the name of the account. */
export const names = {
  anna: "Anna Berg", bert: "Bert Vogel", carla: "Carla Núñez", dmitri: "Dmitri Orlov", eva: "Eva Lindqvist",
};
const HALL = "hall-b@rooms.office.internal";

/** Asks the interface as somebody. */
export async function as(passwords, name, method, path, body) {
  const authorization = `Basic ${Buffer.from(`${name}:${passwords[name]}`).toString("base64")}`;
  const response = await fetch(`${http}/api/v1${path}`, {
    method,
    headers: { authorization, ...(body === undefined ? {} : { "content-type": "application/json" }) },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  assert.ok(response.ok, `${method} ${path} as ${name}: ${response.status} ${text}`);
  return text ? JSON.parse(text) : undefined;
}

/** Makes everything that happened until this morning; gives back where the room and the alert of the story are. */
export async function scene(browser, passwords) {
  const stage = await open(browser);
  await stage.evaluate(play);
  const enter = (name) => stage.evaluate(([name, password]) => globalThis.enter(name, password), [name, passwords[name]]);
  const say = (name, said) => stage.evaluate(([name, said]) => globalThis.say(name, said), [name, said]);
  const write = (name, to, text, more = {}) => say(name, { type: "message", to, text, ...more });
  const call = (name, method, path, body) => as(passwords, name, method, path, body);

  at("2024-03-09T15:20:00Z");
  for (const name of Object.keys(names)) await enter(name);
  await people(call);
  await write("dmitri", "anna", "The spare belts are in hall A now.");
  await write("anna", "dmitri", "👍");
  at("2024-03-11T16:40:00Z");
  await write("bert", "anna", "The spindle of machine 7 is running again.");
  await write("anna", "bert", "Great, thank you.");
  await netSend("MACHINE-7", "anna", "Spindle too hot, program stopped");
  at("2024-03-12T07:05:00Z");
  await notices(call);
  at("2024-03-12T08:31:00Z");
  await room(call, say, write);
  at("2024-03-12T08:40:00Z");
  await conversation(call, stage, say, write);
  await enter("chief");
  const leak = await waterLeak(passwords, call, stage);
  at("2024-03-12T09:41:00Z");
  await write("carla", "anna", "Do you have the plan of the cellar?");
  await write("carla", "anna", "No hurry.");
  await say("carla", { type: "presence", show: "away", text: "Back at ten" });
  await say("dmitri", { type: "presence", show: "busy", text: "On the phone" });
  await say("bert", { type: "presence", show: "available", text: "In hall B" });
  for (const name of ["anna", "chief"]) await say(name, { type: "confirm", alert: leak.id, choice: leak.choices[0] });
  for (const name of ["eva", "anna", "chief"]) await stage.evaluate((name) => globalThis.leave(name), name);
  return { room: HALL, leak: leak.id };
}

/** Everybody of the story knows everybody. */
async function people(call) {
  for (const [group, members] of [["hall-b", ["bert", "dmitri", "anna"]], ["office", ["carla", "eva", "anna"]]]) {
    await command("group", "add", group);
    for (const name of members) await call("chief", "PUT", `/groups/${group}/members/${name}`);
  }
  for (const one of Object.keys(names)) {
    for (const [other, name] of Object.entries(names)) {
      if (one === other) continue;
      await call(one, "PUT", `/contacts/${other}@office.internal`, { name, labels: other === "bert" || other === "dmitri" ? ["Hall B"] : [] });
      await call(one, "POST", `/contacts/${other}@office.internal/subscription`, { action: "subscribed" });
      await call(one, "POST", `/contacts/${other}@office.internal/subscription`, { action: "subscribe" });
    }
  }
}

async function notices(call) {
  const announce = (headline, text, severity = "information") =>
    call("chief", "POST", "/alerts", { kind: "announcement", headline, text, severity, audience: "everyone", language: "en" });
  await announce("New badges from Monday", "Everyone gets a new badge at the **front desk** between 7:30 and 16:00.");
  await announce("Canteen closed on Friday", "The canteen is closed on Friday for repairs.");
  await announce(
    "Maintenance tonight: mail and files",
    `Mail and files are away tonight from **22:00 to 23:30**. What you have open is kept.

### What to do

1. Save your work before 22:00.
2. Leave your computer on: it gets the new certificates by itself.
3. Where a machine asks for a password after that, call 4711.

> The three old machines in hall B are told by message box.`,
    "moderate",
  );
}

async function room(call, say, write) {
  await call("bert", "POST", "/rooms", { name: "hall-b", title: "Hall B", description: "Shift and machines", members: ["anna", "dmitri", "eva"] });
  for (const name of ["bert", "dmitri", "anna"]) await call(name, "PUT", `/rooms/${HALL}/membership`);
  await write("dmitri", HALL, "Machine 5 is free until noon.");
  await write("bert", HALL, "Then I take it for the brackets, 40 pieces.");
  await write("anna", HALL, "Please leave the door to the store open, the delivery comes at ten.");
  await write("dmitri", HALL, "Done.");
}

async function conversation(call, stage, say, write) {
  await write("bert", "anna", "Morning! The maintenance window tonight is from 22:00 to 23:30. The three old machines in hall B have to be told as well.");
  await write("bert", "anna", "Can you send them a box?");
  at("2024-03-12T08:46:00Z");
  const before = (await call("anna", "GET", "/history?with=bert@office.internal")).messages;
  const asked = before.at(-1);
  await write("anna", "bert", "Yes. I will write the alert in the console and watch who confirms.", {
    reply: { of: asked.mark, from: "bert@office.internal" },
  });
  const answer = (await call("bert", "GET", "/history?with=anna@office.internal")).messages.at(-1);
  await say("bert", { type: "reaction", to: "anna", of: answer.mark, emoji: ["👍"] });
  await write("anna", "bert", "Is this the right plan of the hall?");
  const plan = await stage.evaluate(planOfTheHall);
  const place = await call("anna", "POST", "/files", { name: "hall-b.png", size: plan.length, media_type: "image/png" });
  const put = await fetch(place.put.replace(/^https:\/\/[^/]+/, http), { method: "PUT", body: new Uint8Array(plan) });
  assert.ok(put.ok, `PUT of a file: ${put.status}`);
  await write("anna", "bert", "", { file: { url: place.get, name: "hall-b.png", size: plan.length, media_type: "image/png", width: 640, height: 340 } });
  at("2024-03-12T08:58:00Z");
  await write("bert", "anna", "That is the one. Machine 7 is by the east door.");
  await write("anna", "bert", "Thanks. See you at lunch 🙂");
  const last = (await call("bert", "GET", "/history?with=anna@office.internal")).messages.at(-1);
  await say("bert", { type: "read", to: "anna", of: last.mark });
}

/** In the page: a small drawing, as a PNG. */
async function planOfTheHall() {
  const canvas = new OffscreenCanvas(640, 340);
  const draw = canvas.getContext("2d");
  draw.fillStyle = "#f3efe8";
  draw.fillRect(0, 0, 640, 340);
  draw.fillStyle = "#fff";
  draw.strokeStyle = "#444";
  draw.lineWidth = 3;
  draw.fillRect(20, 20, 600, 300);
  draw.strokeRect(20, 20, 600, 300);
  draw.font = "500 17px sans-serif";
  draw.textAlign = "center";
  for (const [name, x, y, width, height] of [["M 5", 48, 56, 126, 84], ["M 6", 48, 200, 126, 84], ["Store", 240, 76, 140, 180], ["M 7", 442, 116, 140, 98]]) {
    draw.fillStyle = name === "M 7" ? "#fcebe2" : "#fff";
    draw.strokeStyle = name === "M 7" ? "#a3400b" : "#444";
    draw.fillRect(x, y, width, height);
    draw.strokeRect(x, y, width, height);
    draw.fillStyle = "#444";
    draw.fillText(name, x + width / 2, y + height / 2 + 6);
  }
  const blob = await canvas.convertToBlob({ type: "image/png" });
  return [...new Uint8Array(await blob.arrayBuffer())];
}

/** In the page: `enter`, `say` and `leave`, by an event stream for each person. */
function play() {
  const streams = new Map();
  let number = 0;
  globalThis.enter = async (name, password) => {
    const authorization = `Basic ${btoa(`${name}:${password}`)}`;
    const answer = await fetch("/api/v1/events/ticket", { method: "POST", headers: { authorization }, credentials: "omit" });
    const { ticket } = await answer.json();
    const socket = new WebSocket(`wss://${location.host}/api/v1/events?device=stage&ticket=${ticket}`);
    const asked = new Map();
    streams.set(name, { socket, asked });
    socket.onmessage = ({ data }) => {
      const event = JSON.parse(data);
      if (event.seq) socket.send(JSON.stringify({ type: "ack", seq: event.seq }));
      asked.get(event.id)?.(event);
      asked.get(event.type)?.(event);
    };
    await new Promise((resolve) => asked.set("ready", resolve));
    await globalThis.say(name, { type: "presence", show: "available" });
  };
  globalThis.say = async (name, said) => {
    const { socket, asked } = streams.get(name);
    const id = `stage-${++number}`;
    const answered = new Promise((resolve) => asked.set(said.type === "confirm" ? "confirmed" : id, resolve));
    socket.send(JSON.stringify({ ...said, id }));
    const answer = await answered;
    if (answer.type === "refused") throw new Error(JSON.stringify([said, answer]));
    return answer;
  };
  globalThis.leave = (name) => streams.get(name).socket.close(1000);
}
