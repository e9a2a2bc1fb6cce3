// The people one knows: contacts, who asks, who is blocked, and how they are.
import { computed, signal } from "@preact/signals";
import * as api from "../api/people.js";
import { on } from "../api/events.js";
import { bare, isStrangersAddress, nameOf, serviceAt } from "../api/chat.js";
import { harmless } from "../api/text.js";
import { onSignOut, session } from "./session.js";

/** @typedef {import("../api/people.js").Contact} Contact */

/** @type {import("@preact/signals").Signal<Map<string, Contact>>} */
export const contacts = signal(new Map());
/** @type {import("@preact/signals").Signal<Set<string>>} */
export const blocked = signal(new Set());
/** Who asks to see one's presence: said anew on each new stream. @type {import("@preact/signals").Signal<string[]>} */
export const requests = signal([]);
/** How each device of somebody is. @type {import("@preact/signals").Signal<Map<string, Map<string, {show: string, text: string}>>>} */
const devices = signal(new Map());
/** Whether the lists have come. */
export const peopleLoaded = signal(false);

/** All labels in use, in order. */
export const labels = computed(() => {
  const all = new Set([...contacts.value.values()].flatMap((contact) => contact.labels));
  return [...all].sort((one, other) => one.localeCompare(other));
});

// Whoever says at one place that they are not to be disturbed means it everywhere.
const ORDER = ["busy", "chat", "available", "away", "extended-away"];

/** How somebody is, all their devices taken together; null where nothing is known or none is there. @param {string} address */
export function showOf(address) {
  const those = devices.value.get(address);
  if (!those) return null;
  return ORDER.find((show) => [...those.values()].some((one) => one.show === show)) ?? null;
}

/** What somebody says of themselves. @param {string} address */
export function statusTextOf(address) {
  for (const { text } of devices.value.get(address)?.values() ?? []) if (text) return text;
  return "";
}

/** What one calls somebody. @param {string} address */
export function displayName(address) {
  if (address === session.value?.address) return session.value.name;
  if (session.value && address === serviceAt(session.value.domain)) return session.value.domain;
  return contacts.value.get(address)?.name || nameOf(address);
}

/** Whether that is a name without proof, on an old machine. @param {string} address */
export const isStranger = (address) => Boolean(session.value && isStrangersAddress(address, session.value.domain));

/**
 * What one calls the sender of a message: in rooms by the name there, where one has no name of one's own for them. A name
 * without proof stays as it is.
 * @param {import("../api/chat.js").Message} message
 */
export const senderName = ({ name, from, verified }) => (!verified ? from : contacts.value.has(from) ? displayName(from) : name || displayName(from));

export async function loadPeople() {
  const [list, blocks] = await Promise.all([api.contacts(), api.blocks()]);
  contacts.value = new Map(list.map((contact) => [contact.address, read(contact)]));
  blocked.value = new Set(blocks.blocked);
  peopleLoaded.value = true;
}

/** Puts somebody on the list and asks to see how they are. @param {string} address @param {{name?: string, labels?: string[]}} [what] */
export async function add(address, { name, labels = [] } = {}) {
  await api.putContact(address, { ...(name && { name }), labels });
  await api.subscription(address, "subscribe");
}

/** @param {string} address @param {{name?: string, labels: string[]}} what */
export const change = (address, { name, labels }) => api.putContact(address, { ...(name && { name }), labels });

/** @param {string} address */
export async function remove(address) {
  await api.removeContact(address);
  dropContact(address);
}

/** @param {string} address @param {boolean} yes */
export async function answer(address, yes) {
  await api.subscription(address, yes ? "subscribed" : "unsubscribed");
  if (yes && !contacts.value.get(address)?.to) await api.subscription(address, "subscribe");
  dropRequest(address);
}

/** @param {string} address */
export async function block(address) {
  await api.block(address);
  blocked.value = new Set(blocked.value).add(address);
  dropRequest(address);
}

/** @param {string} address */
export async function unblock(address) {
  await api.unblock(address);
  const rest = new Set(blocked.value);
  rest.delete(address);
  blocked.value = rest;
}

on("ready", ({ resumed }) => {
  if (!resumed) devices.value = new Map();
});
on("contact", ({ type: _, seq: __, ...contact }) => (contacts.value = new Map(contacts.value).set(contact.address, read(contact))));
on("contact-removed", ({ address }) => dropContact(address));
on("blocks", (event) => {
  const now = event.emptied ? new Set() : new Set(blocked.value);
  for (const one of event.blocked) now.add(one);
  for (const one of event.unblocked) now.delete(one);
  blocked.value = now;
});
on("subscription", ({ from, action }) => {
  const address = bare(from);
  if (action !== "subscribe") return;
  requests.value = [...requests.value.filter((one) => one !== address), address];
});
on("presence", ({ from, device, show, text }) => {
  const address = bare(from);
  const all = new Map(devices.value);
  const those = new Map(all.get(address));
  if (show === null && !device) those.clear();
  else if (show === null) those.delete(device);
  else those.set(device ?? "", { show, text: harmless(text ?? "") });
  all.set(address, those);
  devices.value = all;
});

onSignOut(() => {
  contacts.value = new Map();
  blocked.value = new Set();
  requests.value = [];
  devices.value = new Map();
  peopleLoaded.value = false;
});

/** @param {Contact} contact @returns {Contact} */
const read = (contact) => ({ ...contact, name: harmless(contact.name), labels: contact.labels.map(harmless) });

/** @param {string} address */
function dropContact(address) {
  const rest = new Map(contacts.value);
  rest.delete(address);
  contacts.value = rest;
}

/** @param {string} address */
const dropRequest = (address) => void (requests.value = requests.value.filter((one) => one !== address));
