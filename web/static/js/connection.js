// The connection: Socket.IO's events in, ours out. Comes back by itself. Knows nothing of the page.
//
// Events: "up", "down", "change" (one of the properties may have), "message" ({text, room, id, seq, at, author}), and
// "deleted", "presence", "typing", "rules", "muted" and "purged" as the server sends them.

import { Backoff } from "./backoff.js";

const ANSWER_WITHIN = 10_000; // milliseconds; the server answers within 2 s even while its Redis is away
const CONNECT_WITHIN = 15_000;
const MOVE_WITHIN = 5_000; // what a move takes at most that nobody has to know of
const BANNED_REST = 30_000; // a moderator may lift it

export class Connection extends EventTarget {
  nextTry = null; // when, in milliseconds since 1970, while it waits
  refusal = null; // {error, detail} when the server would not have us
  #socket;
  #backoff;
  #timer = null;
  #asked = new Set(); // what is not answered yet
  #moveBy = 0; // in milliseconds since 1970

  // `socket` must leave reconnecting to us ({autoConnect: false, reconnection: false}): Socket.IO's own gives up after
  // a refusal or when the server hangs up, and does not say when it tries next.
  constructor(socket, backoff = new Backoff({ first: 500, most: 5_000 })) {
    super();
    this.#socket = socket;
    this.#backoff = backoff;
    socket.on("connect", () => this.#up());
    socket.on("disconnect", () => this.#down());
    socket.on("connect_error", (error) => this.#failed(error));
    socket.on("moved", ({ within }) => this.#move(within * 1000));
    socket.on("response", (text, about) => this.#tell("message", { text, ...about }));
    for (const event of ["deleted", "presence", "typing", "rules", "muted", "purged"]) socket.on(event, (about) => this.#tell(event, about));
  }

  get connected() {
    return this.#socket.connected;
  }

  // The server asked us over to another of its workers, and we are on our way: no loss to speak of.
  get moving() {
    return Date.now() < this.#moveBy;
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
    const answer = this.#socket.timeout(ANSWER_WITHIN).emitWithAck(event, ...details);
    this.#asked.add(answer);
    try {
      return (await answer) ?? unanswered;
    } catch {
      return unanswered;
    } finally {
      this.#asked.delete(answer);
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
    if (this.moving) this.open();
    else this.#wait();
  }

  // Go when what was asked is answered, or `within` so many milliseconds.
  async #move(within) {
    this.#moveBy = Date.now() + MOVE_WITHIN;
    setTimeout(() => this.#tell("change"), MOVE_WITHIN);
    const { id } = this.#socket;
    const enough = new Promise((resolve) => setTimeout(resolve, within / 2));
    await Promise.race([Promise.allSettled(this.#asked), enough]);
    if (this.#socket.id === id) this.#socket.disconnect(); // else the connection broke, and we are on another
  }

  #failed(error) {
    // Socket.IO goes inactive only when the server answered, and refused. Anything else may happen once to who moves: a
    // browser drops what it has begun when one of the machine's network interfaces comes or goes.
    if (!this.#socket.active) this.#moveBy = 0;
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
