// The replies that are being written: which message the text in a room's field answers. They are kept with the room's draft.
// Event: "change".

export class Replies extends EventTarget {
  #drafts;

  constructor(drafts) {
    super();
    this.#drafts = drafts;
  }

  // Returns the {seq, id} of the message, or null.
  of(room) {
    return this.#drafts.replyOf(room);
  }

  // The text in this message's room answers it.
  begin({ room, seq, id }) {
    this.#drafts.answer(room, { seq, id });
    this.#changed();
  }

  // The text answers nothing any more, or was sent.
  forget(room) {
    if (!this.of(room)) return;
    this.#drafts.answer(room, null);
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
