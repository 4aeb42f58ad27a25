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

// As much of a Socket.IO client's socket as is used.
export class FakeSocket {
  connected = false;
  active = true;
  connects = 0;
  emitted = [];
  answer = async () => ({ ok: true });
  #handlers = {};

  on(event, handler) {
    this.#handlers[event] = handler;
  }

  onAny(handler) {
    this.#handlers.any = handler;
  }

  connect() {
    this.connects += 1;
  }

  disconnect() {
    const was = this.connected;
    this.connected = false;
    this.id = undefined;
    if (was) this.#handlers.disconnect("io client disconnect");
  }

  timeout() {
    return this;
  }

  emitWithAck(...packet) {
    this.emitted.push(packet);
    return this.answer(...packet);
  }

  happens(event, ...details) {
    this.connected = event === "connect" || (this.connected && ["response", "entry", "moved"].includes(event));
    if (event === "connect") this.id = `sid ${this.connects}`;
    this.#handlers[event]?.(...details);
    if (!["connect", "disconnect", "connect_error"].includes(event)) this.#handlers.any(event, ...details);
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
