// The timeline: one room's messages as far as they are known without a hole, by their number in the log.
//
// Some entries are not messages, and change messages that came before (see kinds.js). Entries of any kind are in `messages`, because
// each has a number.
//
// An entry that arrives beyond a gap waits until the gap is filled. Knows neither the socket nor the page.
// Events: "reset" (start again with `messages`), "append" and "prepend" (`messages` were added at that end), "change" (the entries in
// `messages` changed others).

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

  // Whether the log is known to hold something that is missing here.
  get behind() {
    return this.#head > this.high;
  }

  // Begin with the log's latest page.
  start({ epoch, head, messages }) {
    this.epoch = epoch;
    this.messages = [...messages];
    this.high = messages.at(-1)?.seq ?? head;
    // Not from `more`: a log that was trimmed says soon enough that nothing older is left.
    this.hasOlder = this.low > 1;
    this.#expect(head);
    this.#takeWaiting(this.messages);
    this.#fold(this.messages);
    this.#dispatch("reset", this.messages);
  }

  // Forget everything: the log this came from is gone.
  clear() {
    this.epoch = null;
    this.messages = [];
    this.high = 0;
    this.hasOlder = false;
    this.forgetWaiting();
    this.#dispatch("reset", []);
  }

  // A message heard live. Returns false if it cannot be of the log we know: another message has its number.
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

  // What the log holds right after `high`, in order. Numbers it leaves out do not exist (a log may be trimmed).
  extend(messages, head = 0) {
    const added = messages.filter((message) => message.seq > this.high);
    if (added.length) this.high = added.at(-1).seq;
    this.#expect(head);
    this.#takeWaiting(added);
    this.messages.push(...added);
    this.#fold(added);
    if (added.length) this.#dispatch("append", added);
  }

  // What the log holds right before `low`, in order; `more` if there is still more before that.
  prepend(messages, more) {
    this.hasOlder = more;
    this.messages.unshift(...messages);
    this.#fold(this.messages); // the page may be older than what was heard meanwhile
    this.#dispatch("prepend", messages);
  }

  // Believe nothing that was heard beyond a hole.
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
