// The sender: sends the entries of one room's outbox, one at a time and in order.
//
// The next entry waits for the answer to the one before: an entry that has to be sent again would otherwise come after those that
// were added later.
// Events: "change", when `problem` may have; "settled", with {entry, answer}, when the server accepted an entry or never will.

import { Backoff } from "./backoff.js";
import { RetryLoop } from "./retryloop.js";

// Refusals that sending the entry again does not change.
const FINAL = new Set(["invalid", "too_large", "id_taken"]);

const HANGUPS = 3; // so often the server may disconnect at the same entry, until that entry counts as invalid

export class Sender extends EventTarget {
  problem = null; // the error code of the last try, while there is going to be another
  #room;
  #connection;
  #outbox;
  #loop = new RetryLoop(() => this.#step());
  #backoff = new Backoff({ first: 500, most: 10_000 });
  #hangups = { id: null, count: 0 }; // of the entry that was on its way

  constructor(room, connection, outbox) {
    super();
    this.#room = room;
    this.#connection = connection;
    this.#outbox = outbox;
    let wasLive = false;
    room.addEventListener("change", () => {
      if (room.live && !wasLive) this.#loop.hurry();
      wasLive = room.live;
    });
    outbox.addEventListener("change", () => this.start());
  }

  // There may be something to send.
  start() {
    return this.#loop.start();
  }

  // The four below are different where the server or the application is.

  // Emits an entry; resolves to the answer.
  emit({ id, room, data }) {
    return this.#connection.ask("append", { room, id, data });
  }

  // Whether an entry can never be sent as it is.
  isFinal({ error, retry_after }) {
    return FINAL.has(error) || (error === "forbidden" && !(retry_after > 0));
  }

  // Whether entries may be sent now.
  get ready() {
    return true;
  }

  // Does the work while nobody else does.
  alone(work) {
    return work();
  }

  // Not before the timeline is complete: an entry whose answer was lost may already be in it.
  #step() {
    if (!this.#room.live || !this.ready) return null;
    if (!this.#outbox.next(this.#room.name)) return this.#report(null);
    return this.alone(() => this.#sendNext());
  }

  async #sendNext() {
    const entry = this.#outbox.next(this.#room.name);
    if (!entry) return 0; // another tab sent it while this one waited for its turn
    const answer = await this.#request(entry);
    if (answer.ok) return this.#done(entry, answer, () => this.#outbox.sent(entry, answer.seq, this.#room.timeline.high));
    if (this.isFinal(answer)) return this.#done(entry, answer, () => this.#outbox.fail(entry, answer));
    if (answer.error === "not_joined") this.#room.rejoin();
    return this.#tryAgain(answer);
  }

  // An entry that makes the server disconnect would otherwise hold up everything behind it, for ever.
  async #request(entry) {
    const { id } = entry;
    const answer = await this.emit(entry);
    if (answer.error !== "unanswered" || !this.#connection.hungUp) return answer;
    this.#hangups = { id, count: this.#hangups.id === id ? this.#hangups.count + 1 : 1 };
    return this.#hangups.count < HANGUPS ? answer : { ok: false, error: "invalid" };
  }

  #done(entry, answer, settle) {
    this.#backoff.reset();
    this.#report(null);
    settle();
    this.dispatchEvent(new CustomEvent("settled", { detail: { entry, answer } }));
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
