// The telling: lets a room know that this person types, seldom enough to cost nothing.

const AGAIN = 3_000; // milliseconds
const LEAST = 700; // milliseconds between two, also where something was sent between: the server takes two a second
const IDLE = 5_000;

export class Telling {
  #tell;
  #room = null; // where we were last said to type
  #last = -Infinity;
  #timer = null;

  // `tell(room, typing)` may lose it.
  constructor(tell) {
    this.#tell = tell;
  }

  typed(room, text) {
    if (!text.trim()) return this.stop();
    const since = Date.now() - this.#last;
    if (since >= AGAIN || (room !== this.#room && since >= LEAST)) {
      if (room !== this.#room) this.stop();
      this.#room = room;
      this.#last = Date.now();
      this.#tell(room, true);
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.stop(), IDLE);
  }

  // What was typed is sent. Its message ends the typing where it arrives.
  sent() {
    clearTimeout(this.#timer);
    this.#room = null;
  }

  stop() {
    clearTimeout(this.#timer);
    if (this.#room !== null) this.#tell(this.#room, false);
    this.#room = null;
  }
}
