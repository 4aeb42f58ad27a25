// The timeline: one room's entries as far as they are known without a hole, by their number in the log.
//
// An entry that arrives beyond a gap waits until the gap is filled. Knows neither the socket nor what an entry holds.
// Events, with `entries` in their detail: "reset" (start again with these), "append" (these came at the end).

const MOST_WAITING = 500; // more than that is fetched again rather than held in memory

export class Timeline extends EventTarget {
  epoch = null; // null until the first page
  entries = []; // in order
  high = 0; // everything the log has up to this number, and from `low` on, is in `entries`
  #keep;
  #head = 0; // the highest number known to exist
  #waiting = new Map(); // by seq

  // `keep`: how many entries stay in memory.
  constructor({ keep = Infinity } = {}) {
    super();
    this.#keep = keep;
  }

  get low() {
    return this.entries[0]?.seq;
  }

  // Whether the log has an entry that is missing here.
  get behind() {
    return this.#head > this.high;
  }

  // Start with the newest page of the log.
  start({ epoch, head, entries }) {
    this.epoch = epoch;
    this.entries = [...entries];
    this.high = entries.at(-1)?.seq ?? head;
    this.#expect(head);
    this.#takeWaiting(this.entries);
    this.announce("reset", this.entries);
  }

  // Go on after number `high` of the log of `epoch`, which was shown before.
  resume(epoch, high) {
    this.epoch = epoch;
    this.high = high;
    this.#expect(high);
  }

  // Remove everything: the log no longer exists.
  clear() {
    this.epoch = null;
    this.entries = [];
    this.high = 0;
    this.forgetWaiting();
    this.announce("reset", []);
  }

  // Add an entry that was just delivered. Returns false if another entry has its number: then it belongs to another log.
  add(entry) {
    if (this.epoch !== null && entry.seq <= this.high) return this.#holds(entry);
    if (this.epoch !== null && entry.seq === this.high + 1) {
      this.extend([entry]);
    } else {
      this.#expect(entry.seq);
      if (this.#waiting.size < MOST_WAITING) this.#waiting.set(entry.seq, entry);
    }
    return true;
  }

  // Add the log's next entries after `high`, in order. A number that is not among them does not exist (a log may be trimmed).
  extend(entries, head = 0) {
    const added = entries.filter((entry) => entry.seq > this.high);
    if (added.length) this.high = added.at(-1).seq;
    this.#expect(head);
    this.#takeWaiting(added);
    this.entries.push(...added);
    if (this.entries.length > this.#keep) this.entries.splice(0, this.entries.length - this.#keep);
    if (added.length) this.announce("append", added);
  }

  // Drop the entries that wait beyond a gap.
  forgetWaiting() {
    this.#waiting.clear();
    this.#head = this.high;
  }

  // Tell listeners of entries that are in `entries` now.
  announce(type, entries) {
    this.dispatchEvent(new CustomEvent(type, { detail: { entries } }));
  }

  at(seq) {
    const entry = this.entries.findLast((each) => each.seq <= seq);
    return entry?.seq === seq ? entry : undefined;
  }

  #holds({ seq, id }) {
    return this.at(seq)?.id === id;
  }

  #expect(seq) {
    this.#head = Math.max(this.#head, seq);
  }

  #takeWaiting(entries) {
    for (const seq of this.#waiting.keys()) if (seq <= this.high) this.#waiting.delete(seq);
    while (this.#waiting.has(this.high + 1)) {
      entries.push(this.#waiting.get(++this.high));
      this.#waiting.delete(this.high);
    }
    this.#expect(this.high);
  }
}
