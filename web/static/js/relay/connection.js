// The connection to the server. Connects again by itself. Knows no page and no room.
//
// Events: "up", "down", "change" (one of the properties may have changed), "entry" (an entry of a room's log, of any kind).

import { Backoff } from "./backoff.js";

const ANSWER_WITHIN = 10_000; // milliseconds; the server answers within 2 s even while its Redis is away
const CONNECT_WITHIN = 15_000;
const MOVE_WITHIN = 5_000; // milliseconds; a move to another worker that takes longer is shown as a loss
const LASTED = 10_000; // milliseconds; a connection that lasted so long counts as one that works
// How the server ends a connection because of what it was sent: close codes of RFC 6455, section 7.4.1, and statuses of a poll.
const HANGS_UP = new Set([1000, 1002, 1003, 1007, 1008, 1009, 400, 413]);

export class Connection extends EventTarget {
  nextTry = null; // when, in milliseconds since 1970, while it waits
  refusal = null; // the server's {error, detail, …} when it refused the connection
  hungUp = false; // whether the server ended the last connection because of what it was sent
  #socket;
  #backoff;
  #timer = null;
  #lasting = null; // the timer of a connection that has to last
  #asked = new Set(); // what is not answered yet
  #moveBy = 0; // in milliseconds since 1970
  #closed = false;

  // `socket` is made with {autoConnect: false, reconnection: false}: Socket.IO's own reconnection gives up after a refusal
  // or when the server disconnects, and does not say when it tries next.
  constructor(socket, backoff = new Backoff({ first: 500, most: 5_000 })) {
    super();
    this.#socket = socket;
    this.#backoff = backoff;
    socket.on("connect", () => this.#up());
    socket.on("disconnect", (_reason, details) => this.#down(details));
    socket.on("connect_error", (error) => this.#failed(error));
    socket.on("moved", ({ within }) => this.#move(within * 1000));
    socket.onAny((_event, about) => isEntry(about) && this.dispatch("entry", about));
  }

  get connected() {
    return this.#socket.connected;
  }

  get polling() {
    return this.connected && this.#socket.io.engine.transport.name === "polling";
  }

  // Whether it moves to another worker, because the server asked for it. That is not shown as a loss.
  get moving() {
    return Date.now() < this.#moveBy;
  }

  // Connect now, without waiting for the next try.
  open() {
    if (this.connected) return;
    this.nextTry = null;
    this.#after(CONNECT_WITHIN, () => {
      this.#socket.disconnect();
      this.#wait();
    });
    this.dispatch("change");
    this.#socket.connect();
  }

  // Disconnect, and do not connect again.
  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#socket.disconnect();
  }

  // Connect again, with what the browser's cookies say now.
  renew() {
    this.#move(0);
  }

  // Resolves to the server's answer, {ok: true, …} or {ok: false, error, …}, or to the error "unanswered". Never rejects.
  async ask(event, ...details) {
    const unanswered = { ok: false, error: "unanswered" };
    if (!this.connected) return unanswered; // Socket.IO would send it after the next connect, when it may be wrong
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

  // Returns the least milliseconds until the next try, after the server's `refusal`, or null if it was another error.
  restAfter(_refusal) {
    return 0;
  }

  // Send something that may be lost.
  emitVolatile(event, details) {
    if (this.connected) this.#socket.volatile.emit(event, details);
  }

  // Tell listeners.
  dispatch(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  #up() {
    clearTimeout(this.#timer);
    // A connection that breaks as soon as it is open would otherwise be opened twice a second, for ever.
    this.#lasting = setTimeout(() => this.#backoff.reset(), LASTED);
    this.refusal = null;
    this.hungUp = false;
    this.dispatch("change");
    this.dispatch("up");
  }

  // `details` are Socket.IO's: `context` is the WebSocket's close event, or `description` the status of a poll.
  #down(details) {
    clearTimeout(this.#lasting);
    this.hungUp = HANGS_UP.has(details?.context?.code ?? details?.description);
    this.dispatch("down");
    if (this.moving && !this.#closed) this.open();
    else this.#wait();
  }

  // Connect again once every question is answered, or after half of `within` (milliseconds).
  async #move(within) {
    this.#moveBy = Date.now() + MOVE_WITHIN;
    setTimeout(() => this.dispatch("change"), MOVE_WITHIN);
    const { id } = this.#socket;
    const enough = new Promise((resolve) => setTimeout(resolve, within / 2));
    await Promise.race([Promise.allSettled(this.#asked), enough]);
    if (this.#socket.id === id) this.#socket.disconnect(); // another id means that the connection broke and was replaced
  }

  #failed(error) {
    // Socket.IO becomes inactive only when the server answered with a refusal. Any other error may happen once during a move: a
    // browser drops its requests when one of the machine's network interfaces comes or goes.
    if (!this.#socket.active) this.#moveBy = 0;
    this.refusal = this.#socket.active ? null : { detail: error.message, ...error.data };
    this.#wait(this.restAfter(this.refusal));
  }

  #wait(least = 0) {
    if (this.#closed) return;
    const milliseconds = this.#backoff.next(least);
    this.nextTry = Date.now() + milliseconds;
    this.#after(milliseconds, () => this.open());
    this.dispatch("change");
  }

  #after(milliseconds, act) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(act, milliseconds);
  }
}

// Whatever an event is called: one about an entry has the entry's place in a log.
function isEntry(about) {
  return typeof about?.seq === "number" && typeof about.epoch === "string";
}
