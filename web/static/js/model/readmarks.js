// The read marks: the number of the last message that this person has read in each room, in this browser.

export class ReadMarks {
  #store;

  constructor(store) {
    this.#store = store;
  }

  // Returns the number of the last message read; null for a room that was never opened, or that has a new log since.
  upTo(room, epoch) {
    const mark = this.#store.get(`read/${room}`);
    return mark && (mark.epoch === epoch || mark.epoch === "") ? mark.seq : null;
  }

  // A room is opened for the first time: all its messages count as read. An empty room has no epoch yet.
  begin(room, epoch, head) {
    if (this.upTo(room, epoch) === null) this.#store.set(`read/${room}`, { epoch, seq: head });
  }

  // Returns whether the mark moved.
  read(room, epoch, seq) {
    if (!epoch || seq <= (this.upTo(room, epoch) ?? -1)) return false;
    this.#store.set(`read/${room}`, { epoch, seq });
    return true;
  }

  // An entry came that nobody has to read. If everything before it was read, it counts as read.
  skip(room, epoch, seq) {
    if (this.upTo(room, epoch) === seq - 1) this.read(room, epoch, seq);
  }

  forget(room) {
    this.#store.delete(`read/${room}`);
  }

  // Returns how many entries come after the mark; 0 for a room that was never opened.
  unread(room, epoch, head) {
    return Math.max(0, head - (this.upTo(room, epoch) ?? head));
  }
}
