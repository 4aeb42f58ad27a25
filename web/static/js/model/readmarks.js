// The reading: up to which message a person has read each room, in this browser.

export class Reading {
  #store;

  constructor(store) {
    this.#store = store;
  }

  // The number of the last message read; null for a room that was never seen, or whose log began anew since.
  upTo(room, epoch) {
    const mark = this.#store.get(`read/${room}`);
    return mark && (mark.epoch === epoch || mark.epoch === "") ? mark.seq : null;
  }

  // A room is seen for the first time: what is in it by now counts as read. An empty one has no epoch yet.
  begin(room, epoch, head) {
    if (this.upTo(room, epoch) === null) this.#store.set(`read/${room}`, { epoch, seq: head });
  }

  // Returns whether that was news.
  read(room, epoch, seq) {
    if (!epoch || seq <= (this.upTo(room, epoch) ?? -1)) return false;
    this.#store.set(`read/${room}`, { epoch, seq });
    return true;
  }

  // How many messages after it; none in a room that was never seen.
  unread(room, epoch, head) {
    return Math.max(0, head - (this.upTo(room, epoch) ?? head));
  }
}
