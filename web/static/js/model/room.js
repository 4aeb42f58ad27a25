// A room of the chat: its timeline, its people and its rules. Loads older messages when they are wanted.

import { Backoff } from "../relay/backoff.js";
import { People } from "./people.js";
import { RetryLoop } from "../relay/retryloop.js";
import { Room as LogRoom } from "../relay/room.js";
import { Rules } from "./rules.js";
import { Timeline } from "./timeline.js";

const OLDER_PAGE = 100;
const FAR = 2_000; // messages; after missing more, the timeline restarts at the newest instead of loading them all

// Refusals that asking again does not change.
const FINAL = new Set(["invalid", "limit", "no_such_room"]);

export class Room extends LogRoom {
  people = new People();
  rules = new Rules();
  #connection;
  #olderLoop = new RetryLoop(() => this.#readOlder());
  #readBackoff = new Backoff({ first: 500, most: 10_000 });
  #wantsOlder = false;
  #descriptions;

  // `me`: the person of the page.
  constructor(name, connection, descriptions, me) {
    super(name, connection, { timeline: new Timeline(me), far: FAR });
    this.#connection = connection;
    this.#descriptions = descriptions;
    const on = (type, act) => connection.addEventListener(type, ({ detail }) => act(detail), this.until);
    on("rules", (about) => about.room === name && this.rules.update(about));
    on("muted", (about) => this.rules.update(about));
    on("purged", (about) => about.room === name && this.startOver()); // a moderator deleted the log
    on("presence", (about) => about.room === name && this.people.update(about));
    this.addEventListener("change", () => this.live && this.#olderLoop.start());
  }

  // The reader is near the oldest message that is loaded.
  wantOlder() {
    this.#wantsOlder ||= this.timeline.hasOlder;
    this.#olderLoop.start();
  }

  entriesOf({ messages }) {
    return messages;
  }

  isFinal({ error }) {
    return FINAL.has(error);
  }

  // Whether there is no such room, as far as this person may know.
  get missing() {
    return this.problem?.error === "no_such_room";
  }

  take({ people, rules, about }) {
    this.#descriptions.learn(this.name, about);
    if (people) this.people.update(people);
    if (rules) this.rules.update(rules);
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
}
