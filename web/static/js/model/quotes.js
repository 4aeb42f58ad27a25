// The quotes: the messages that others answer. Those that are not loaded are fetched, one after the other, when they are wanted.
//
// Event: "change", with the {room, seq} of a message that is known from now on.

import { change, targetsOf } from "./kinds.js";

export class Quotes extends EventTarget {
  #connection;
  #fetched = new Map(); // by room: a map of messages by number; null for one that is not there any more
  #busy = Promise.resolve();

  constructor(connection) {
    super();
    this.#connection = connection;
  }

  // Returns the message that a message of this room answers: null if it is not there any more, undefined if it is not known.
  of({ name, timeline }, { seq, id }) {
    const loaded = timeline.at(seq);
    return loaded?.id === id ? loaded : this.#of(name).get(seq);
  }

  // Resolves to whether the message is known by now.
  fetch(room, reply) {
    const done = this.#busy.then(() => this.of(room, reply) !== undefined || this.#ask(room, reply));
    this.#busy = done;
    return done;
  }

  // The room's log says so.
  apply(room, entries) {
    for (const entry of entries) {
      for (const seq of targetsOf(entry)) {
        const message = this.#of(room).get(seq);
        if (message) change(message, entry);
      }
    }
  }

  forget(room) {
    this.#fetched.delete(room);
  }

  #of(room) {
    return this.#fetched.get(room) ?? new Map();
  }

  async #ask({ name, timeline }, { seq, id }) {
    const { epoch } = timeline;
    const ack = await this.#connection.ask("history", { room: name, before: seq + 1, limit: 1 });
    if (!ack.ok || ack.epoch !== epoch || epoch !== timeline.epoch) return false;
    const message = ack.messages.find((each) => each.seq === seq && each.id === id) ?? null;
    this.#fetched.set(name, this.#of(name).set(seq, message));
    this.dispatchEvent(new CustomEvent("change", { detail: { room: name, seq } }));
    return true;
  }
}
