// The cache: the last messages of each room in the browser's storage. The page opens with them at once, also without a network.

import { isMessage } from "./kinds.js";

const MESSAGES = 100; // of a room, with what changed them
const CHARACTERS = 100_000; // of a room, so that all of them fit in what browsers give (5 million)
const NOTICE = 200; // characters of an entry that is no message, besides its text
const ROOMS = 12;

export class RoomCache {
  #store;

  constructor(store) {
    this.#store = store;
  }

  // Returns {epoch, head, entries}, with which a timeline can start, or null.
  load(room) {
    const { epoch, messages } = this.#store.get(`kept/${room}`) ?? {};
    return messages?.length ? { epoch, head: messages.at(-1).seq, entries: messages } : null;
  }

  save(room, { epoch, entries }) {
    this.#store.set(`kept/${room}`, { epoch, messages: lastOf(entries), at: Date.now() });
    const others = this.#store.keys("kept/").map((key) => ({ key, at: this.#store.get(key)?.at ?? 0 }));
    for (const { key } of others.sort((one, other) => other.at - one.at).slice(ROOMS)) this.#store.delete(key);
  }

  forget(room) {
    this.#store.delete(`kept/${room}`);
  }
}

// The last entries that fit, without a gap.
function lastOf(entries) {
  let messages = MESSAGES;
  let characters = CHARACTERS;
  const from = entries.findLastIndex((entry) => {
    messages -= isMessage(entry) ? 1 : 0;
    characters -= (entry.text ?? entry.now?.text ?? "").length + (isMessage(entry) ? 0 : NOTICE);
    return messages < 0 || characters < 0;
  });
  return entries.slice(from + 1);
}
