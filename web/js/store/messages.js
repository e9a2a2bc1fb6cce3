// Lists of messages in order, without doubles.

/** @typedef {import("../api/chat.js").Message} Message */
/** @typedef {import("@preact/signals").Signal<Message[]>} List */

/** Puts a message where it belongs by time; one that is there already stays. @param {List} list @param {Message} message */
export function insert(list, message) {
  const messages = list.peek();
  let at = messages.length;
  while (at > 0 && isBefore(message, messages[at - 1])) at--;
  // What is the same was said at the same time, so that only neighbours can be it.
  for (let before = at - 1; before >= 0 && (!messages[before].id || messages[before].at >= message.at - 1); before--) {
    if (message.id ? messages[before].id === message.id : messages[before].mark === message.mark) return;
  }
  list.value = [...messages.slice(0, at), message, ...messages.slice(at)];
}

/**
 * A message of one's own that the service has: what waited under the same mark is this one.
 * @param {List} list @param {Message} message
 */
export function settleOwn(list, message) {
  const known = list.peek().find((one) => one.own && (one.id === message.id || one.mark === message.mark));
  if (!known) return insert(list, message);
  if (known.id === message.id && known.at === message.at) return;
  // What was said twice was taken at another time than the second answer says: the history is right.
  drop(list, known.key);
  insert(list, { ...known, id: message.id, mark: message.mark, at: message.at, state: "sent", problem: "" });
}

/**
 * What was said is the service's. In a room it may have come back already: then that one stays.
 * @param {List} list @param {Message} said @param {{message: string, at: string}} taken
 */
export function settle(list, said, taken) {
  if (list.peek().some((one) => one.id === taken.message)) return drop(list, said.key);
  // From now on receipts, corrections and the like name it by the service's id.
  patchByMark(list, said.mark, () => ({ id: taken.message, mark: taken.message, at: Date.parse(taken.at), state: "sent" }));
  // What came before the answer stood before what waited, and was perhaps said after it.
  const messages = list.peek();
  if (messages.some((one, at) => at > 0 && isBefore(one, messages[at - 1]))) {
    list.value = [...messages].sort((one, other) => Number(isBefore(other, one)) - Number(isBefore(one, other)));
  }
}

/** @param {List} list @param {string} mark @param {(message: Message) => Partial<Message>} change */
export function patchByMark(list, mark, change) {
  const messages = list.peek();
  const at = messages.findLastIndex((one) => one.mark === mark || one.id === mark);
  if (at < 0) return;
  const changed = [...messages];
  changed[at] = { ...messages[at], ...change(messages[at]) };
  list.value = changed;
}

/** @param {List} list @param {string} key */
export function drop(list, key) {
  list.value = list.peek().filter((one) => one.key !== key);
}

/** What waits to be sent stands last. @param {Message} one @param {Message} other */
function isBefore(one, other) {
  if (!other.id || !one.id) return !other.id && Boolean(one.id);
  return one.at < other.at || (one.at === other.at && one.id < other.id);
}
