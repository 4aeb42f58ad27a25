// The outbox: entries of rooms that were added here and that the timeline does not show yet, by room, in the order they were added.
//
// An entry is {id, room, order, state, saved}, and what the application adds: `data`. Its state is "pending" until the server
// acknowledges it, then "sent" until the timeline shows it. It is "failed", with the server's `refusal`, when it can never be sent
// as it is. `saved` is whether it is in the browser's storage, and so survives a reload. Pending and failed entries are stored,
// each under its own key, so that two tabs never overwrite each other's. An entry's id never changes: the log takes an id once,
// so it is always safe to send it again. Event: "change".

import { newId } from "./ids.js";

export class Outbox extends EventTarget {
  #store;
  #sent = new Map(); // by id; these are in the log already, so they are held in memory only

  constructor(store) {
    super();
    this.#store = store;
  }

  // `content` is an object: what the entry has besides. Returns the entry's id.
  add(room, content) {
    const id = newId();
    const last = this.entries(room).at(-1)?.order ?? 0;
    // Not by the clock alone: two entries may have the same millisecond, and a clock may be set back.
    this.#save({ id, room, ...content, order: Math.max(Date.now(), last + 1), state: "pending" });
    return id;
  }

  entries(room) {
    const keys = this.#store.keys(key(room, ""));
    const stored = keys.map((key) => ({ ...this.#store.get(key), saved: this.#store.lasts(key) }));
    const sent = [...this.#sent.values()].filter((entry) => entry.room === room);
    return [...stored, ...sent].filter((entry) => entry.id).sort(byOrder);
  }

  // The entries of all rooms that were not sent, in the order they were added.
  get unsent() {
    return this.#store.keys("outbox/").map((each) => this.#store.get(each)).filter((entry) => entry?.id).sort(byOrder);
  }

  // The entry to send next, or undefined. Failed ones do not hold up those behind them.
  next(room) {
    return this.entries(room).find((entry) => entry.state === "pending" && this.isComplete(entry) && this.reloaded(entry));
  }

  // Whether an entry has all that is sent. It is different where entries get something later; those behind them do not wait.
  isComplete(_entry) {
    return true;
  }

  // The entry has something else from now on.
  change(entry, more) {
    this.#save({ ...entry, ...more });
  }

  // The server acknowledged it: it has number `seq` in the room's log. The timeline shows everything up to number `high`.
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

  // The timeline shows these entries, and everything up to number `high`. Returns the ids that were in the outbox.
  shown(room, entries, high) {
    const ids = new Set(entries.map((entry) => entry.id));
    const ours = this.entries(room).filter((entry) => ids.has(entry.id) || entry.seq <= high);
    for (const entry of ours) {
      this.#sent.delete(entry.id);
      this.#store.delete(key(room, entry.id));
    }
    if (ours.length) this.#changed();
    return new Set(ours.map((entry) => entry.id));
  }

  // The room has a new log, in which the old numbers mean nothing.
  startOver(room) {
    for (const [id, entry] of this.#sent) if (entry.room === room) this.#sent.delete(id);
    this.#changed();
  }

  // Another tab changed what is stored.
  refresh() {
    this.#changed();
  }

  // Returns the entry as the browser has it by now, or null. Another tab may have sent it, and its storage event not have arrived.
  reloaded({ room, id }) {
    this.#store.reload(key(room, id));
    return this.#store.get(key(room, id));
  }

  #save({ saved, ...entry }) {
    this.#store.set(key(entry.room, entry.id), entry);
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
