// The connection: Socket.IO's events in, ours out. Comes back by itself. Knows nothing of the page.
//
// Events: "up", "down", "change" (one of the properties did), "message" ({text, room, id, seq, at, author}), and "deleted",
// "presence", "typing", "rules" and "muted" as the server sends them.

import { Backoff } from "./backoff.js";

const ANSWER_WITHIN = 10_000; // milliseconds; the server answers within 2 s even while its Redis is away
const CONNECT_WITHIN = 15_000;
const BANNED_REST = 30_000; // a moderator may lift it

export class Connection extends EventTarget {
  nextTry = null; // when, in milliseconds since 1970, while it waits
  refusal = null; // {error, detail} when the server would not have us
  #socket;
  #backoff;
  #timer = null;

  // `socket` must leave reconnecting to us ({autoConnect: false, reconnection: false}): Socket.IO's own gives up after
  // a refusal or when the server hangs up, and does not say when it tries next.
  constructor(socket, backoff = new Backoff({ first: 500, most: 5_000 })) {
    super();
    this.#socket = socket;
    this.#backoff = backoff;
    socket.on("connect", () => this.#up());
    socket.on("disconnect", () => this.#down());
    socket.on("connect_error", (error) => this.#failed(error));
    socket.on("response", (text, about) => this.#tell("message", { text, ...about }));
    for (const event of ["deleted", "presence", "typing", "rules", "muted"]) socket.on(event, (about) => this.#tell(event, about));
  }

  get connected() {
    return this.#socket.connected;
  }

  // Try now, whatever was planned.
  open() {
    if (this.connected) return;
    this.nextTry = null;
    this.#after(CONNECT_WITHIN, () => {
      this.#socket.disconnect();
      this.#wait();
    });
    this.#tell("change");
    this.#socket.connect();
  }

  // Resolves to the server's answer, {ok: true, …} or {ok: false, error, …}; never rejects. "unanswered" is our own.
  async ask(event, ...details) {
    const unanswered = { ok: false, error: "unanswered" };
    if (!this.connected) return unanswered; // Socket.IO would send it later, when it may be wrong
    try {
      return (await this.#socket.timeout(ANSWER_WITHIN).emitWithAck(event, ...details)) ?? unanswered;
    } catch {
      return unanswered;
    }
  }

  // Say something that may be lost.
  tell(event, details) {
    if (this.connected) this.#socket.volatile.emit(event, details);
  }

  #up() {
    console.log("Connected!");
    clearTimeout(this.#timer);
    this.#backoff.reset();
    this.refusal = null;
    this.#tell("change");
    this.#tell("up");
  }

  #down() {
    console.log("Lost connection to the server.");
    this.#tell("down");
    this.#wait();
  }

  #failed(error) {
    // Socket.IO goes inactive only when the server answered, and refused.
    this.refusal = this.#socket.active ? null : { error: error.data?.error, detail: error.message };
    this.#wait(this.refusal?.error === "banned" ? BANNED_REST : 0);
  }

  #wait(least = 0) {
    const milliseconds = this.#backoff.next(least);
    this.nextTry = Date.now() + milliseconds;
    this.#after(milliseconds, () => this.open());
    this.#tell("change");
  }

  #after(milliseconds, act) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(act, milliseconds);
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
