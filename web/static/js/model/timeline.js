// The timeline: one room's messages as far as they are known without a hole, by their number in the log.
//
// A message may be deleted later: an entry at the end says so (`deletes`, a number or several), which is no message itself,
// and the message is then {id, room, seq, at, author: {id}, deleted: true}, here as on the server.
//
// What arrives beyond a hole waits, unseen, until the hole is filled. Knows neither the socket nor the page.
// Events: "reset" (start over with `messages`), "append" and "prepend" (those `messages` came at that end), "erase" (the
// entries among `messages` say that others were deleted).

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
    this.#heed(this.messages);
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
    this.#heed(added);
    if (added.length) this.#dispatch("append", added);
  }

  // What the log holds right before `low`, in order; `more` if there is still more before that.
  prepend(messages, more) {
    this.hasOlder = more;
    this.messages.unshift(...messages);
    this.#heed(this.messages); // the page may be older than what was heard meanwhile
    this.#dispatch("prepend", messages);
  }

  // Believe nothing that was heard beyond a hole.
  forgetWaiting() {
    this.#waiting.clear();
    this.#head = this.high;
  }

  // Forget what a message said and the name it was said under. The same object may be shown elsewhere, and says nothing
  // there either.
  erase(seq) {
    const message = this.messages.findLast((each) => each.seq <= seq);
    if (message?.seq !== seq || message.deletes) return;
    delete message.text;
    message.author = { id: message.author.id };
    message.deleted = true;
  }

  #heed(entries) {
    const deletions = entries.filter(({ deletes }) => deletes);
    for (const seq of deletions.flatMap(({ deletes }) => deletes)) this.erase(seq);
    if (deletions.length) this.#dispatch("erase", deletions);
  }

  #holds({ seq, id }) {
    return this.messages.findLast((message) => message.seq <= seq)?.id === id;
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
