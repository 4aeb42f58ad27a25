// The connection: Socket.IO's events in, ours out. Comes back by itself. Knows nothing of the page.
//
// Events: "up", "down", "change" (one of the properties may have), "message" ({text, room, id, seq, at, author}), and
// "deleted", "presence", "typing", "rules", "muted" and "purged" as the server sends them.

import { Backoff } from "./backoff.js";

const ANSWER_WITHIN = 10_000; // milliseconds; the server answers within 2 s even while its Redis is away
const CONNECT_WITHIN = 15_000;
const MOVE_WITHIN = 5_000; // what a move takes at most that nobody has to know of
const BANNED_REST = 30_000; // a moderator may lift it
const LASTED = 10_000; // what a connection lasts at least to count as one that works
// How a server hangs up on what it does not take: close codes of RFC 6455, section 7.4.1, and the statuses of a poll.
const HANGS_UP = new Set([1000, 1002, 1003, 1007, 1008, 1009, 400, 413]);

export class Connection extends EventTarget {
  nextTry = null; // when, in milliseconds since 1970, while it waits
  refusal = null; // {error, detail, …} when the server would not have us
  hungUp = false; // whether the server ended the last connection on purpose, because of what it was sent
  #socket;
  #backoff;
  #timer = null;
  #lasting = null; // the timer of a connection that has to last
  #asked = new Set(); // what is not answered yet
  #moveBy = 0; // in milliseconds since 1970

  // `socket` must leave reconnecting to us ({autoConnect: false, reconnection: false}): Socket.IO's own gives up after
  // a refusal or when the server hangs up, and does not say when it tries next.
  constructor(socket, backoff = new Backoff({ first: 500, most: 5_000 })) {
    super();
    this.#socket = socket;
    this.#backoff = backoff;
    socket.on("connect", () => this.#up());
    socket.on("disconnect", (_reason, details) => this.#down(details));
    socket.on("connect_error", (error) => this.#failed(error));
    socket.on("moved", ({ within }) => this.#move(within * 1000));
    socket.on("response", (text, about) => this.#tell("message", { text, ...about }));
    for (const event of ["deleted", "presence", "typing", "rules", "muted", "purged"]) socket.on(event, (about) => this.#tell(event, about));
  }

  get connected() {
    return this.#socket.connected;
  }

  get polling() {
    return this.connected && this.#socket.io.engine.transport.name === "polling";
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

  // Connect anew, as who the browser's cookie says by now.
  renew() {
    this.#move(0);
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
    // One that breaks each time it is there would otherwise be opened twice a second, for ever.
    this.#lasting = setTimeout(() => this.#backoff.reset(), LASTED);
    this.refusal = null;
    this.hungUp = false;
    this.#tell("change");
    this.#tell("up");
  }

  // `details` as the Socket.IO client has them: the WebSocket's close event as its context, or a status as its description.
  #down(details) {
    console.log("Lost connection to the server.");
    clearTimeout(this.#lasting);
    this.hungUp = HANGS_UP.has(details?.context?.code ?? details?.description);
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
    this.refusal = this.#socket.active ? null : { detail: error.message, ...error.data };
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
