// The cache: the last messages of each room in the browser's storage. The page opens with them at once, also without a network.

const MESSAGES = 100; // of a room
const CHARACTERS = 100_000; // of a room, so that all of them fit in what browsers give (5 million)
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

// The last messages that fit, without a gap.
function lastOf(messages) {
  let left = CHARACTERS;
  const last = messages.slice(-MESSAGES);
  const from = last.findLastIndex(({ text }) => (left -= text?.length ?? 0) < 0);
  return last.slice(from + 1);
}
