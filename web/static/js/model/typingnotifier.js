// The telling: lets a room know that this person types, seldom enough to cost nothing.

const AGAIN = 3_000; // milliseconds
const IDLE = 5_000;

export class Telling {
  #tell;
  #room = null; // where we were last said to type
  #last = 0;
  #timer = null;

  // `tell(room, typing)` may lose it.
  constructor(tell) {
    this.#tell = tell;
  }

  typed(room, text) {
    if (!text.trim()) return this.stop();
    if (room !== this.#room || Date.now() - this.#last >= AGAIN) {
      if (room !== this.#room) this.stop();
      this.#room = room;
      this.#last = Date.now();
      this.#tell(room, true);
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.stop(), IDLE);
  }

  stop() {
    clearTimeout(this.#timer);
    if (this.#room !== null) this.#tell(this.#room, false);
    this.#room = null;
  }
}
