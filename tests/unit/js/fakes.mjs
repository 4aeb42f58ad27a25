// Stand-ins for what the modules lean on: a browser's storage, a socket, a server that answers as told.

export class FakeStorage {
  full = false;
  #values = new Map();

  get length() {
    return this.#values.size;
  }

  // Browsers give the keys in an order of their own.
  key(index) {
    return [...this.#values.keys()].at(-1 - index);
  }

  getItem(key) {
    return this.#values.get(key) ?? null;
  }

  setItem(key, value) {
    if (this.full) throw new DOMException("full", "QuotaExceededError");
    this.#values.set(key, value);
  }

  removeItem(key) {
    this.#values.delete(key);
  }
}

// A connection whose other end is `answer(event, ...details)`.
export class FakeConnection extends EventTarget {
  connected = false;
  asked = [];

  constructor(answer) {
    super();
    this.answer = answer;
  }

  async ask(event, ...details) {
    this.asked.push([event, ...details]);
    return this.answer(event, ...details);
  }

  up() {
    this.connected = true;
    this.dispatchEvent(new Event("up"));
  }

  down() {
    this.connected = false;
    this.dispatchEvent(new Event("down"));
  }

  hears(message) {
    this.dispatchEvent(new CustomEvent("entry", { detail: message }));
  }
}

// Messages of the lobby with these numbers, as the server sends them.
export function numbered(...seqs) {
  return seqs.map((seq) => ({ room: "lobby", epoch: "first", id: `id${seq}`, seq, at: seq, author: { id: "a", name: "Ada" }, text: `${seq}` }));
}

export const seqs = (messages) => messages.map((message) => message.seq);

// Let everything that waits for a promise go on; the clock stands still.
export async function settled() {
  await new Promise((resolve) => setImmediate(resolve));
}
