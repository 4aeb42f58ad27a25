// The typing notifier: tells a room that this person types, every few seconds at most.

const AGAIN = 3_000; // milliseconds
const LEAST = 700; // milliseconds between two of them, whatever was sent meanwhile: the server takes two a second
const IDLE = 5_000;

export class TypingNotifier {
  #send;
  #room = null; // the room that was told last
  #last = -Infinity;
  #timer = null;

  // `send(room, typing)` may be lost on the way.
  constructor(send) {
    this.#send = send;
  }

  typed(room, text) {
    if (!text.trim()) return this.stop();
    const since = Date.now() - this.#last;
    if (since >= AGAIN || (room !== this.#room && since >= LEAST)) {
      if (room !== this.#room) this.stop();
      this.#room = room;
      this.#last = Date.now();
      this.#send(room, true);
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.stop(), IDLE);
  }

  // The text was sent as a message, which ends the typing wherever it arrives.
  sent() {
    clearTimeout(this.#timer);
    this.#room = null;
  }

  stop() {
    clearTimeout(this.#timer);
    if (this.#room !== null) this.#send(this.#room, false);
    this.#room = null;
  }
}
