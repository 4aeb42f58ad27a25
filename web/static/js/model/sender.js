// The courier: brings what is in the outbox to the server, one entry at a time, so that the log's order is the typed one.
//
// The server handles what one client sends side by side, so only the ack of one entry makes it safe to send the next.
// Event: "change", when `problem` may have.

import { Backoff } from "../net/backoff.js";
import { Chore } from "../net/retryloop.js";

// What the server will say again however often it is asked.
// A message that was held back until a room is unlocked or a mute ends would come as a surprise: its author decides.
const FINAL = new Set(["empty", "too_long", "invalid", "no_such_room", "locked", "muted", "banned", "limit"]);

const HANGUPS = 3; // after which it is the message that the server hangs up on

export class Courier extends EventTarget {
  problem = null; // the error code of the last try, while there is going to be another
  #room;
  #me;
  #connection;
  #outbox;
  #locks;
  #round = new Chore(() => this.#step());
  #backoff = new Backoff({ first: 500, most: 10_000 });
  #hangups = { id: null, count: 0 }; // of the entry that was on its way

  // `locks` is a LockManager. Its lock keeps tabs from sending the same entry twice; that would do no harm.
  constructor(room, me, connection, outbox, locks) {
    super();
    this.#room = room;
    this.#me = me;
    this.#connection = connection;
    this.#outbox = outbox;
    this.#locks = locks;
    let wasLive = false;
    room.addEventListener("change", () => {
      if (room.live && !wasLive) this.#round.hurry();
      wasLive = room.live;
    });
    me.addEventListener("change", () => this.#round.start());
    outbox.addEventListener("change", () => this.#round.start());
  }

  // Not under another name, and not before the room is caught up: an entry whose ack was lost may be in the log, and then it shows there.
  #step() {
    if (!this.#room.live || !this.#me.confirmed) return null;
    if (!this.#outbox.next(this.#room.name)) return this.#report(null);
    return this.#locks.request(`tertulia/${this.#me.id}/outbox/${this.#room.name}`, () => this.#bringNext());
  }

  async #bringNext() {
    const entry = this.#outbox.next(this.#room.name);
    if (!entry) return 0; // another tab brought it while we waited for the lock
    const ack = await this.#ask(entry);
    if (ack.ok) return this.#done(() => this.#outbox.sent(entry, ack.seq, this.#room.timeline.high));
    if (FINAL.has(ack.error)) return this.#done(() => this.#outbox.fail(entry, ack));
    if (ack.error === "not_joined") this.#room.rejoin();
    return this.#tryAgain(ack);
  }

  // What the server refuses by hanging up would otherwise keep everything behind it back, for ever.
  async #ask({ id, room, text }) {
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
    // Nothing is wrong: no longer a wait than we were told, however often we are.
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
