// The mark sender: tells the server how far this person has read, of a room once a second at most. What could not be told, because
// there was no connection, is told later. A page that is hidden or left tells at once: a phone may freeze it, and then another device
// would show as unread what was read on this one.

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

  // The page may end at any moment: tell all marks, unless the server wants none now. That of the room that was told of last is the
  // first, since Chromium sends one and no more for a page that is left.
  tellNow() {
    if (Date.now() < this.#resume) return;
    for (const mark of this.#unsent.sort((one, other) => this.#due(other) - this.#due(one))) this.#tell(mark);
  }

  get #unsent() {
    if (!this.#connection.connected || !this.#me.confirmed) return [];
    return this.#rooms.joined.map((room) => this.#readMarks.unsent(room)).filter(Boolean);
  }

  async #step() {
    const unsent = this.#unsent;
    if (!unsent.length) return null;
    const [next] = unsent.sort((one, other) => this.#due(one) - this.#due(other));
    const wait = this.#due(next) - Date.now();
    if (wait > 0) return wait;
    await this.#tell(next);
    return 0;
  }

  async #tell(mark) {
    this.#sent.set(mark.room, Date.now());
    this.#heed(mark, await this.#connection.ask("read", mark));
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
    else if (ok && mark.epoch === "") {
      this.#sent.delete(mark.room); // nothing was kept of it, so the server has none until it is told again
      this.#readMarks.begun(mark.room, epoch);
    } else this.#readMarks.settle(mark.room);
  }
}
