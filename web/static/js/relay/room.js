// A room: keeps its timeline complete. Joins after each connect, and fetches what is missing.
//
// Event: "change", when `live` or `problem` may have.

import { Backoff } from "./backoff.js";
import { RetryLoop } from "./retryloop.js";
import { Timeline } from "./timeline.js";

const PAGE = 200; // the most the server gives at once

export class Room extends EventTarget {
  joined = false;
  problem = null; // the server's refusal, {error, detail, …}, while the timeline cannot be brought up to date
  #connection;
  #far;
  #closing = new AbortController();
  #syncLoop = new RetryLoop(() => this.#sync());
  #syncBackoff = new Backoff({ first: 500, most: 10_000 });

  // `far`: entries; after missing more, the timeline restarts at the newest instead of loading them all.
  constructor(name, connection, { timeline = new Timeline(), far = Infinity } = {}) {
    super();
    this.name = name;
    this.timeline = timeline;
    this.#connection = connection;
    this.#far = far;
    connection.addEventListener("up", () => this.rejoin(), this.until);
    connection.addEventListener("down", () => this.#leave(), this.until);
    connection.addEventListener("entry", ({ detail }) => this.#receive(detail), this.until);
  }

  // The options of a listener that listens until the room is closed.
  get until() {
    return { signal: this.#closing.signal };
  }

  // Stop keeping it complete.
  close() {
    this.#closing.abort();
    this.#leave();
  }

  // Connected, joined, and nothing is missing.
  get live() {
    return this.#connection.connected && this.joined && !this.timeline.behind;
  }

  // Join again, and fetch what came meanwhile.
  rejoin() {
    this.joined = false;
    this.#changed();
    this.#syncLoop.hurry();
  }

  // The log was deleted.
  startOver() {
    this.timeline.clear();
    this.rejoin();
  }

  // The three below are different where the server's answers are.

  // Returns the entries in an answer to `join` or `history`.
  entriesOf(ack) {
    return ack.entries;
  }

  // Whether asking again does not change a refusal.
  isFinal({ error, retry_after }) {
    return error === "invalid" || (error === "forbidden" && !(retry_after > 0));
  }

  // Take what else a join was answered.
  take(_ack) {}

  #leave() {
    this.joined = false;
    this.problem = null;
    // The next join answers with what came meanwhile, perhaps from a new log.
    this.timeline.forgetWaiting();
    this.#changed();
  }

  #receive(entry) {
    if (entry.room !== this.name) return;
    // A log gets its epoch with its first entry. Until then it is "".
    if (this.timeline.epoch === "") this.timeline.epoch = entry.epoch;
    const { epoch } = this.timeline;
    const another = epoch !== null && entry.epoch !== epoch;
    if (another || !this.timeline.add(entry)) return this.rejoin();
    if (this.timeline.behind) this.#syncLoop.start();
  }

  async #sync() {
    if (!this.#connection.connected || this.#closing.signal.aborted || this.live) return null;
    const ack = this.joined ? await this.#fetch() : await this.#join();
    if (this.#closing.signal.aborted) return null;
    this.problem = ack.ok ? null : ack;
    if (ack.ok) this.#syncBackoff.reset();
    this.#changed();
    if (!ack.ok && this.isFinal(ack)) return null;
    return ack.ok ? 0 : this.#syncBackoff.next(ack.retry_after * 1000 || 0);
  }

  async #join() {
    const { epoch, high } = this.timeline;
    const ack = await this.#connection.ask("join", { room: this.name, ...(epoch !== null && { after: high, epoch }) });
    if (!ack.ok) return ack;
    if (epoch === null) this.timeline.start({ ...ack, entries: this.entriesOf(ack) });
    else if (ack.reset || ack.epoch !== epoch || ack.head - high > this.#far) this.timeline.clear(); // and join once more
    else this.timeline.extend(this.entriesOf(ack), ack.head);
    this.joined = this.timeline.epoch !== null;
    this.take(ack);
    return ack;
  }

  async #fetch() {
    const { epoch, high } = this.timeline;
    const ack = await this.#connection.ask("history", { room: this.name, after: high, limit: PAGE });
    if (!ack.ok) return ack;
    const entries = this.entriesOf(ack);
    if (entries.length && ack.epoch === epoch) {
      this.timeline.extend(entries);
      return ack;
    }
    // The log lacks an entry that was announced, so the announcement was about another log.
    this.timeline.forgetWaiting();
    this.joined = false;
    return { ok: false, error: "unavailable" };
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
