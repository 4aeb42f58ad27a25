// What is kept of the rooms: their last messages, so that the page opens at once, and without a network. Bounded.

const MESSAGES = 100; // of a room
const CHARACTERS = 100_000; // of a room, so that all of them fit in what browsers give (5 million)
const ROOMS = 12;

export class Kept {
  #store;

  constructor(store) {
    this.#store = store;
  }

  // {epoch, head, messages} as a room begins with, or null.
  of(room) {
    const kept = this.#store.get(`kept/${room}`);
    return kept?.messages?.length ? { ...kept, head: kept.messages.at(-1).seq } : null;
  }

  keep(room, { epoch, messages }) {
    this.#store.set(`kept/${room}`, { epoch, messages: lastOf(messages), at: Date.now() });
    const others = this.#store.keys("kept/").map((key) => ({ key, at: this.#store.get(key)?.at ?? 0 }));
    for (const { key } of others.sort((one, other) => other.at - one.at).slice(ROOMS)) this.#store.delete(key);
  }

  forget(room) {
    this.#store.delete(`kept/${room}`);
  }
}

// As many as fit, without a hole.
function lastOf(messages) {
  let left = CHARACTERS;
  const last = messages.slice(-MESSAGES);
  const from = last.findLastIndex(({ text }) => (left -= text?.length ?? 0) < 0);
  return last.slice(from + 1);
}
