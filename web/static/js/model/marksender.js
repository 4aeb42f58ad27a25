// The mark sender: tells the server how far this person has read, of a room once a second at most. What could not be told, because
// there was no connection, is told later.

import { Backoff } from "../relay/backoff.js";
import { RetryLoop } from "../relay/retryloop.js";

const APART = 1_000; // milliseconds between two marks of one room
// Refusals that asking again does not change. A room that is not joined was left.
const FINAL = new Set(["invalid", "no_such_room", "not_joined"]);

export class MarkSender {
  #connection;
  #me;
  #rooms;
  #readMarks;
  #sent = new Map(); // by room: when its last mark was sent, in milliseconds since 1970
  #resume = 0; // the server wants no marks before; in milliseconds since 1970
  #backoff = new Backoff({ first: 500, most: 10_000 });
  #loop = new RetryLoop(() => this.#step());

  constructor(connection, me, rooms, readMarks) {
    this.#connection = connection;
    this.#me = me;
    this.#rooms = rooms;
    this.#readMarks = readMarks;
    for (const source of [rooms, readMarks]) source.addEventListener("change", () => this.#loop.hurry());
  }

  async #step() {
    if (!this.#connection.connected || !this.#me.confirmed) return null;
    const unsent = this.#rooms.joined.map((room) => this.#readMarks.unsent(room)).filter(Boolean);
    if (!unsent.length) return null;
    const [next] = unsent.sort((one, other) => this.#due(one) - this.#due(other));
    const wait = this.#due(next) - Date.now();
    if (wait > 0) return wait;
    this.#sent.set(next.room, Date.now());
    this.#heed(next, await this.#connection.ask("read", next));
    return 0;
  }

  #due({ room }) {
    return Math.max(this.#resume, (this.#sent.get(room) ?? 0) + APART);
  }

  #heed(mark, { ok, error, retry_after, epoch, read }) {
    if (!ok && !FINAL.has(error)) {
      this.#resume = Date.now() + this.#backoff.next(retry_after * 1000 || 0);
      return;
    }
    this.#backoff.reset();
    if (ok && epoch === mark.epoch) this.#readMarks.take(mark.room, epoch, read);
    else if (ok && mark.epoch === "") this.#readMarks.begun(mark.room, epoch);
    else this.#readMarks.settle(mark.room);
  }
}
