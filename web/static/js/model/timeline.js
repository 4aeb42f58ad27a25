// The timeline: one room's messages as far as they are known without a hole, by their number in the log.
//
// Some entries are not messages, and change messages that came before (see kinds.js). Entries of any kind are in `messages`,
// because each has a number.
//
// An entry that arrives beyond a gap waits until the gap is filled. Knows neither the socket nor the page.
// Events: "reset" (start again with `messages`), "append" and "prepend" (`messages` were added at that end), "change" (the
// entries in `messages` changed others).

import { change, isMessage, targetsOf } from "./kinds.js";

const MOST_WAITING = 500; // more than that is fetched again rather than held in memory

export class Timeline extends EventTarget {
  epoch = null; // null until the first page
  messages = []; // in order; grows at both ends
  high = 0; // everything the log has up to this number, and from `low` on, is in `messages`
  hasOlder = false;
  #head = 0; // the highest number known to exist
  #waiting = new Map(); // by seq

  get low() {
    return this.messages[0]?.seq;
  }

  // Whether the log has an entry that is missing here.
  get behind() {
    return this.#head > this.high;
  }

  // Start with the newest page of the log.
  start({ epoch, head, messages }) {
    this.epoch = epoch;
    this.messages = [...messages];
    this.high = messages.at(-1)?.seq ?? head;
    // Not by `more`: the first request for older messages shows whether the log was trimmed.
    this.hasOlder = this.low > 1;
    this.#expect(head);
    this.#takeWaiting(this.messages);
    this.#fold(this.messages);
    this.#dispatch("reset", this.messages);
  }

  // Remove everything: the log no longer exists.
  clear() {
    this.epoch = null;
    this.messages = [];
    this.high = 0;
    this.hasOlder = false;
    this.forgetWaiting();
    this.#dispatch("reset", []);
  }

  // Add an entry that was just delivered. Returns false if another entry has its number: then it belongs to another log.
  add(message) {
    if (this.epoch !== null && message.seq <= this.high) return this.#holds(message);
    if (this.epoch !== null && message.seq === this.high + 1) {
      this.extend([message]);
    } else {
      this.#expect(message.seq);
      if (this.#waiting.size < MOST_WAITING) this.#waiting.set(message.seq, message);
    }
    return true;
  }

  // Add the log's next entries after `high`, in order. A number that is not among them does not exist (a log may be trimmed).
  extend(messages, head = 0) {
    const added = messages.filter((message) => message.seq > this.high);
    if (added.length) this.high = added.at(-1).seq;
    this.#expect(head);
    this.#takeWaiting(added);
    this.messages.push(...added);
    this.#fold(added);
    if (added.length) this.#dispatch("append", added);
  }

  // Add the log's entries before `low`, in order; `more` says whether older ones exist.
  prepend(messages, more) {
    this.hasOlder = more;
    this.messages.unshift(...messages);
    this.#fold(this.messages); // the page may be older than an entry that changed its messages
    this.#dispatch("prepend", messages);
  }

  // Drop the entries that wait beyond a gap.
  forgetWaiting() {
    this.#waiting.clear();
    this.#head = this.high;
  }

  // Change the messages that these entries are about.
  apply(entries) {
    for (const entry of entries) {
      for (const seq of targetsOf(entry)) {
        const message = this.#at(seq);
        if (message && isMessage(message)) change(message, entry);
      }
    }
  }

  #fold(entries) {
    const changes = entries.filter((entry) => targetsOf(entry).length);
    this.apply(changes);
    if (changes.length) this.#dispatch("change", changes);
  }

  #at(seq) {
    const message = this.messages.findLast((each) => each.seq <= seq);
    return message?.seq === seq ? message : undefined;
  }

  #holds({ seq, id }) {
    return this.#at(seq)?.id === id;
  }

  #expect(seq) {
    this.#head = Math.max(this.#head, seq);
  }

  #takeWaiting(messages) {
    for (const seq of this.#waiting.keys()) if (seq <= this.high) this.#waiting.delete(seq);
    while (this.#waiting.has(this.high + 1)) {
      messages.push(this.#waiting.get(++this.high));
      this.#waiting.delete(this.high);
    }
    this.#expect(this.high);
  }

  #dispatch(type, messages) {
    this.dispatchEvent(new CustomEvent(type, { detail: { messages } }));
  }
}
