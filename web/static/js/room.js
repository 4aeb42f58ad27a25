// A room: keeps its timeline complete, over every loss of the connection. Joins, fetches what is missing, loads older.
//
// Event: "change", when `live` or `problem` may have.

import { Backoff } from "./backoff.js";
import { Chore } from "./chore.js";
import { Timeline } from "./timeline.js";

const PAGE = 200; // the most the server gives at once
const OLDER_PAGE = 100;

export class Room extends EventTarget {
  timeline = new Timeline();
  joined = false;
  problem = null; // the error code that keeps us from being up to date
  #connection;
  #syncing = new Chore(() => this.#sync());
  #syncBackoff = new Backoff({ first: 500, most: 10_000 });
  #reading = new Chore(() => this.#readOlder());
  #readBackoff = new Backoff({ first: 500, most: 10_000 });
  #wantsOlder = false;

  constructor(name, connection) {
    super();
    this.name = name;
    this.#connection = connection;
    connection.addEventListener("up", () => this.rejoin());
    connection.addEventListener("down", () => this.#leave());
    connection.addEventListener("message", (event) => this.#hear(event.detail));
  }

  // Connected, joined, and nothing is missing.
  get live() {
    return this.#connection.connected && this.joined && !this.timeline.behind;
  }

  // Ask the server again where the log stands.
  rejoin() {
    this.joined = false;
    this.#changed();
    this.#syncing.hurry();
  }

  // The reader comes near the oldest message here.
  wantOlder() {
    this.#wantsOlder ||= this.timeline.hasOlder;
    this.#reading.start();
  }

  #leave() {
    this.joined = false;
    this.problem = null;
    // The next join tells what came meanwhile, from a log that may be another one by then.
    this.timeline.forgetWaiting();
    this.#changed();
  }

  #hear(message) {
    if (message.room !== this.name) return;
    // A log gets its epoch with its first message; until then the server says "".
    if (this.timeline.epoch === "") this.timeline.epoch = message.epoch;
    const { epoch } = this.timeline;
    const another = epoch !== null && message.epoch !== epoch;
    if (another || !this.timeline.add(message)) return this.rejoin();
    if (this.timeline.behind) this.#syncing.start();
  }

  async #sync() {
    if (!this.#connection.connected || this.live) return null;
    const ack = this.joined ? await this.#fetch() : await this.#join();
    this.problem = ack.ok ? null : ack.error;
    if (ack.ok) this.#syncBackoff.reset();
    this.#changed();
    if (this.live) this.#reading.start();
    return ack.ok ? 0 : this.#syncBackoff.next(ack.retry_after * 1000 || 0);
  }

  async #join() {
    const { epoch, high } = this.timeline;
    const ack = await this.#connection.ask("join", { room: this.name, ...(epoch !== null && { after: high, epoch }) });
    if (!ack.ok) return ack;
    if (epoch === null) this.timeline.start(ack);
    else if (ack.reset || ack.epoch !== epoch) this.timeline.clear(); // and join once more, as if for the first time
    else this.timeline.extend(ack.messages, ack.head);
    this.joined = this.timeline.epoch !== null;
    return ack;
  }

  async #fetch() {
    const { epoch, high } = this.timeline;
    const ack = await this.#connection.ask("history", { room: this.name, after: high, limit: PAGE });
    if (!ack.ok) return ack;
    if (ack.messages.length && ack.epoch === epoch) {
      this.timeline.extend(ack.messages);
      return ack;
    }
    // The log has nothing where we were told there is something, so we were told of another log.
    this.timeline.forgetWaiting();
    this.joined = false;
    return { ok: false, error: "unavailable" };
  }

  async #readOlder() {
    const { epoch, low, hasOlder } = this.timeline;
    if (!this.#wantsOlder || !this.live || !hasOlder) return null;
    const ack = await this.#connection.ask("history", { room: this.name, before: low, limit: OLDER_PAGE });
    if (!ack.ok) return this.#readBackoff.next(ack.retry_after * 1000 || 0);
    this.#readBackoff.reset();
    this.#wantsOlder = false;
    if (this.timeline.epoch === epoch && this.timeline.low === low) this.timeline.prepend(ack.messages, ack.more);
    return null;
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
