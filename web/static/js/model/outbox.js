// The outbox: what this person wrote and the log does not show yet, per room and in the order it was typed.
//
// An entry is {id, room, text, order, state, saved}: "pending" until the server acks it, "sent" until the log shows it, or
// "failed" with the server's `refusal` when it will never be taken as it is. `saved` is whether it outlives the
// page. Pending and failed entries are stored, each under a key of its own, so that two tabs never overwrite each other's.
// Whatever happens to an entry, its id stays: the log takes an id once, so sending again is always safe. Event: "change".

import { newId } from "../net/ids.js";

export class Outbox extends EventTarget {
  #store;
  #sent = new Map(); // by id; acked is kept by the log, so the page alone remembers it until it is shown

  constructor(store) {
    super();
    this.#store = store;
  }

  add(room, text) {
    const last = this.entries(room).at(-1)?.order ?? 0;
    // The clock alone would not do: two entries in one millisecond, or a clock set back, must not change places.
    this.#save({ id: newId(), room, text, order: Math.max(Date.now(), last + 1), state: "pending" });
  }

  entries(room) {
    const keys = this.#store.keys(key(room, ""));
    const stored = keys.map((key) => ({ ...this.#store.get(key), saved: this.#store.lasts(key) }));
    const sent = [...this.#sent.values()].filter((entry) => entry.room === room);
    return [...stored, ...sent].filter((entry) => entry.id).sort(byOrder);
  }

  // What waits in all rooms together, in the order it was typed.
  get unsent() {
    return this.#store.keys("outbox/").map((each) => this.#store.get(each)).filter((entry) => entry?.id).sort(byOrder);
  }

  // The entry to send next, or undefined. Failed ones do not hold up those behind them.
  next(room) {
    return this.entries(room).find((entry) => entry.state === "pending" && this.#isThere(entry));
  }

  // The server acked it: it is number `seq` in the room's log, which is shown up to number `high`.
  sent(entry, seq, high) {
    this.#store.delete(key(entry.room, entry.id));
    if (!(seq <= high)) this.#sent.set(entry.id, { ...entry, state: "sent", seq, saved: true });
    this.#changed();
  }

  fail(entry, refusal) {
    this.#save({ ...entry, state: "failed", refusal });
  }

  retry(entry) {
    this.#save({ ...entry, state: "pending" });
  }

  discard(entry) {
    this.#store.delete(key(entry.room, entry.id));
    this.#changed();
  }

  // The log shows these messages, and everything up to number `high`. Returns the ids that were ours: the messages of
  // `author`, by id, since others may use an id of ours.
  shown(room, messages, high, author) {
    const ids = new Set(messages.filter((message) => message.author?.id === author).map((message) => message.id));
    const ours = this.entries(room).filter((entry) => ids.has(entry.id) || entry.seq <= high);
    for (const entry of ours) {
      this.#sent.delete(entry.id);
      this.#store.delete(key(room, entry.id));
    }
    if (ours.length) this.#changed();
    return new Set(ours.map((entry) => entry.id));
  }

  // The room's log began anew: the numbers that were acked mean nothing in it.
  startOver(room) {
    for (const [id, entry] of this.#sent) if (entry.room === room) this.#sent.delete(id);
    this.#changed();
  }

  // Another tab changed what is stored.
  refresh() {
    this.#changed();
  }

  // Another tab may have brought it, and word of that may still be on its way.
  #isThere({ room, id }) {
    this.#store.reload(key(room, id));
    return this.#store.get(key(room, id)) !== null;
  }

  #save({ id, room, text, order, state, refusal }) {
    this.#store.set(key(room, id), { id, room, text, order, state, refusal });
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

function key(room, id) {
  return `outbox/${room}/${id}`;
}

function byOrder(one, other) {
  return one.order - other.order || (one.id < other.id ? -1 : 1);
}
