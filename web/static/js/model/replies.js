// The replies that are being written: which message the text in a room's field answers. Event: "change".

export class Replies extends EventTarget {
  #answered = new Map(); // by room

  // Returns the message, or null.
  of(room) {
    return this.#answered.get(room) ?? null;
  }

  // The text in this message's room answers it.
  begin(message) {
    this.#answered.set(message.room, message);
    this.#changed();
  }

  // The text answers nothing any more, or was sent.
  forget(room) {
    if (this.#answered.delete(room)) this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
