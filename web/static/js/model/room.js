// A room: its timeline, its people and its rules. Keeps the timeline complete: joins after each connect, fetches what is missing,
// and loads older messages when they are wanted.
//
// Event: "change", when `live` or `problem` may have.

import { Backoff } from "../net/backoff.js";
import { RetryLoop } from "../net/retryloop.js";
import { People } from "./people.js";
import { Rules } from "./rules.js";
import { Timeline } from "./timeline.js";

const PAGE = 200; // the most the server gives at once
const OLDER_PAGE = 100;
const FAR = 2_000; // messages; after missing more, the timeline restarts at the newest instead of loading them all

// Refusals that asking again does not change.
const FINAL = new Set(["invalid", "limit", "no_such_room"]);

export class Room extends EventTarget {
  timeline = new Timeline();
  people = new People();
  rules = new Rules();
  joined = false;
  problem = null; // the server's refusal, {error, detail, …}, while the timeline cannot be brought up to date
  #connection;
  #closing = new AbortController();
  #syncLoop = new RetryLoop(() => this.#sync());
  #syncBackoff = new Backoff({ first: 500, most: 10_000 });
  #olderLoop = new RetryLoop(() => this.#readOlder());
  #readBackoff = new Backoff({ first: 500, most: 10_000 });
  #wantsOlder = false;

  constructor(name, connection) {
    super();
    this.name = name;
    this.#connection = connection;
    const until = { signal: this.#closing.signal };
    connection.addEventListener("up", () => this.rejoin(), until);
    connection.addEventListener("down", () => this.#leave(), until);
    connection.addEventListener("entry", (event) => this.#receive(event.detail), until);
    connection.addEventListener("rules", ({ detail }) => detail.room === name && this.rules.update(detail), until);
    connection.addEventListener("muted", ({ detail }) => this.rules.update(detail), until);
    connection.addEventListener("purged", ({ detail }) => detail.room === name && this.#startOver(), until);
    connection.addEventListener("presence", ({ detail }) => detail.room === name && this.people.update(detail), until);
  }

  // The person left it.
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

  // The reader is near the oldest message that is loaded.
  wantOlder() {
    this.#wantsOlder ||= this.timeline.hasOlder;
    this.#olderLoop.start();
  }

  // A moderator deleted the room's log.
  #startOver() {
    this.timeline.clear();
    this.rejoin();
  }

  #leave() {
    this.joined = false;
    this.problem = null;
    // The next join answers with what came meanwhile, perhaps from a new log.
    this.timeline.forgetWaiting();
    this.#changed();
  }

  #receive(entry) {
    if (entry.room !== this.name) return;
    // A log gets its epoch with its first message. Until then it is "".
    if (this.timeline.epoch === "") this.timeline.epoch = entry.epoch;
    const { epoch } = this.timeline;
    const another = epoch !== null && entry.epoch !== epoch;
    if (another || !this.timeline.add(entry)) return this.rejoin();
    if (this.timeline.behind) this.#syncLoop.start();
  }

  async #sync() {
    if (!this.#connection.connected || this.#closing.signal.aborted || this.live) return null;
    const ack = this.joined ? await this.#fetch() : await this.#join();
    this.problem = ack.ok ? null : ack;
    if (ack.ok) this.#syncBackoff.reset();
    this.#changed();
    if (this.live) this.#olderLoop.start();
    if (FINAL.has(ack.error)) return null;
    return ack.ok ? 0 : this.#syncBackoff.next(ack.retry_after * 1000 || 0);
  }

  async #join() {
    const { epoch, high } = this.timeline;
    const ack = await this.#connection.ask("join", { room: this.name, ...(epoch !== null && { after: high, epoch }) });
    if (!ack.ok) return ack;
    if (epoch === null) this.timeline.start(ack);
    else if (ack.reset || ack.epoch !== epoch || ack.head - high > FAR) this.timeline.clear(); // and join once more
    else this.timeline.extend(ack.messages, ack.head);
    this.joined = this.timeline.epoch !== null;
    if (ack.people) this.people.update(ack.people);
    if (ack.rules) this.rules.update(ack.rules);
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
    // The log lacks an entry that was announced, so the announcement was about another log.
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
