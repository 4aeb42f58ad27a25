// The sender: sends the entries of the outbox, one at a time and in order.
//
// The next entry waits for the answer to the one before: an entry that has to be sent again would otherwise come after those that
// were typed later.
// Event: "change", when `problem` may have.

import { Backoff } from "../net/backoff.js";
import { RetryLoop } from "../net/retryloop.js";

// Refusals after which the sender does not try again by itself. When a room is unlocked or a mute ends, much later, the author
// decides whether the message still makes sense.
const FINAL = new Set(["empty", "too_long", "invalid", "no_such_room", "locked", "muted", "banned", "limit"]);

const HANGUPS = 3; // so often the server may disconnect at the same message, until that message counts as invalid

export class Sender extends EventTarget {
  problem = null; // the error code of the last try, while there is going to be another
  #room;
  #me;
  #connection;
  #outbox;
  #locks;
  #loop = new RetryLoop(() => this.#step());
  #backoff = new Backoff({ first: 500, most: 10_000 });
  #hangups = { id: null, count: 0 }; // of the entry that was on its way

  // `locks` is a LockManager. Its lock keeps two tabs from sending the same entry at once. That would do no harm, but it costs.
  constructor(room, me, connection, outbox, locks) {
    super();
    this.#room = room;
    this.#me = me;
    this.#connection = connection;
    this.#outbox = outbox;
    this.#locks = locks;
    let wasLive = false;
    room.addEventListener("change", () => {
      if (room.live && !wasLive) this.#loop.hurry();
      wasLive = room.live;
    });
    me.addEventListener("change", () => this.#loop.start());
    outbox.addEventListener("change", () => this.#loop.start());
  }

  // Not as another person, and not before the timeline is complete: an entry whose answer was lost may already be in it.
  #step() {
    if (!this.#room.live || !this.#me.confirmed) return null;
    if (!this.#outbox.next(this.#room.name)) return this.#report(null);
    return this.#locks.request(`tertulia/${this.#me.id}/outbox/${this.#room.name}`, () => this.#sendNext());
  }

  async #sendNext() {
    const entry = this.#outbox.next(this.#room.name);
    if (!entry) return 0; // another tab sent it while this one waited for the lock
    const ack = await this.#request(entry);
    if (ack.ok) return this.#done(() => this.#outbox.sent(entry, ack.seq, this.#room.timeline.high));
    if (FINAL.has(ack.error)) return this.#done(() => this.#outbox.fail(entry, ack));
    if (ack.error === "not_joined") this.#room.rejoin();
    return this.#tryAgain(ack);
  }

  // A message that makes the server disconnect would otherwise hold up everything behind it, for ever.
  async #request({ id, room, text }) {
    const ack = await this.#connection.ask("message", text, { room, id });
    if (ack.error !== "unanswered" || !this.#connection.hungUp) return ack;
    this.#hangups = { id, count: this.#hangups.id === id ? this.#hangups.count + 1 : 1 };
    return this.#hangups.count < HANGUPS ? ack : { ok: false, error: "invalid" };
  }

  #done(settle) {
    this.#backoff.reset();
    this.#report(null);
    settle();
    return 0;
  }

  #tryAgain({ error, retry_after }) {
    this.#report(error);
    // Nothing is wrong, so the wait is what the server said, and does not grow.
    if (error === "rate_limited" && retry_after > 0) return retry_after * 1000;
    return this.#backoff.next(retry_after * 1000 || 0);
  }

  #report(problem) {
    if (problem !== this.problem) {
      this.problem = problem;
      this.dispatchEvent(new Event("change"));
    }
    return null;
  }
}
