// The rooms one is in or can find.
import { signal } from "@preact/signals";
import * as api from "../api/rooms.js";
import { on } from "../api/events.js";
import { nameOf } from "../api/chat.js";
import { harmless } from "../api/text.js";
import { onInvitation, strangersName } from "./conversations.js";
import { displayName } from "./people.js";
import { onSignOut, session } from "./session.js";

/** @typedef {import("../api/rooms.js").Room} Room */

/** @type {import("@preact/signals").Signal<Map<string, Room>>} */
export const rooms = signal(new Map());
/** Whether the service has rooms for this client. */
export const hasRooms = signal(false);

/** Whether an address is one of a room. @param {string} address */
export const isRoom = (address) => rooms.value.has(address) || address.endsWith(`@${session.value?.rooms_domain}`);

/** @param {string} address */
export const roomTitle = (address) => harmless(rooms.value.get(address)?.title) || nameOf(address);

/** What a conversation is called: a room by its title, and whoever is no person as they call themselves. @param {string} address */
export const conversationName = (address) => (isRoom(address) ? roomTitle(address) : (strangersName(address) ?? displayName(address)));

export async function loadRooms() {
  try {
    keep(await api.list());
    hasRooms.value = true;
  } catch (problem) {
    if (![404, 405, 501].includes(/** @type {any} */ (problem).status)) throw problem;
    hasRooms.value = false;
  }
}

/** All that is known of one, with its members. @param {string} address */
export async function loadRoom(address) {
  keep([await api.show(address)]);
}

/** @param {{name: string, title: string, members: string[], open: boolean}} what */
export async function create(what) {
  const room = await api.create(what);
  keep([room]);
  return room;
}

/** @param {string} address */
export async function join(address) {
  await api.join(address);
  dropInvitation(address);
  keep([{ address, joined: true }]);
  await loadRoom(address);
}

/** @param {string} address @param {string} person */
export async function invite(address, person) {
  await api.invite(address, person);
  await loadRoom(address);
}

/** @param {string} address */
export async function leave(address) {
  await api.leave(address);
  keep([{ address, joined: false }]);
}

/** Who has asked the person into which rooms. @type {import("@preact/signals").Signal<Map<string, string>>} */
export const invitations = signal(new Map());

/** @param {string} address */
export function dropInvitation(address) {
  const rest = new Map(invitations.value);
  rest.delete(address);
  invitations.value = rest;
}

onInvitation((room, from) => {
  invitations.value = new Map(invitations.value).set(room, from);
  // What the room is called is said by the room, to those who may come in; whether one is in it, by the stream.
  if (!rooms.value.has(room)) api.show(room).then(({ address, title }) => keep([{ address, title }]), () => {});
});
on("room-presence", ({ room: address, nickname, address: person, show, role, affiliation }) => {
  const room = rooms.value.get(address);
  if (!room?.members) return;
  const isSame = (/** @type {any} */ member) => (person ? member.address === person : member.nickname === nickname);
  const rest = room.members.filter((member) => !isSame(member));
  const isMember = affiliation !== "none" || room.members.some((member) => isSame(member) && member.affiliation !== "none");
  if (show !== null || isMember) rest.push({ address: person, nickname, role, affiliation, present: show !== null });
  keep([{ address, members: rest }]);
});
on("room", ({ type: _, seq: __, ...room }) => keep([room]));
onSignOut(() => {
  rooms.value = new Map();
  invitations.value = new Map();
});

/** @param {Room[]} some */
function keep(some) {
  const all = new Map(rooms.value);
  for (const room of some) {
    const told = Object.fromEntries(Object.entries(room).flatMap(([name, value]) => (value === undefined || value === null ? [] : [[name, typeof value === "string" ? harmless(value) : value]])));
    all.set(room.address, /** @type {Room} */ ({ ...all.get(room.address), ...told }));
  }
  rooms.value = all;
}
