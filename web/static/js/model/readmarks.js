// The read marks: up to which number this person has read each room. The server keeps them for all devices; marksender.js tells it.
// The browser keeps a copy, for while there is no connection. Of two marks in one log the larger one counts.
//
// Event: "change".

const NONE = -1;

export class ReadMarks extends EventTarget {
  #store;
  #kept = new Map(); // by room: {epoch, seq}, as the server has it

  constructor(store) {
    super();
    this.#store = store;
  }

  // Returns the number of the last message read; null for a room that was never opened, or that has a new log since.
  upTo(room, epoch) {
    const marks = [this.#here(room), this.#kept.get(room)].filter((mark) => mark && (mark.epoch === epoch || mark.epoch === ""));
    const seq = Math.max(NONE, ...marks.map(({ seq }) => seq));
    return seq === NONE ? null : seq;
  }

  // A room is seen for the first time: all its messages count as read. An empty room has no epoch yet.
  begin(room, epoch, head) {
    if (this.upTo(room, epoch) === null) this.#move(room, epoch, head);
  }

  // Returns whether the mark moved.
  read(room, epoch, seq) {
    if (!epoch || seq <= (this.upTo(room, epoch) ?? NONE)) return false;
    this.#move(room, epoch, seq);
    return true;
  }

  // The server has this mark; without `seq`, none in this log.
  take(room, epoch, seq = NONE) {
    const before = this.upTo(room, epoch) ?? NONE;
    this.#kept.set(room, { epoch, seq });
    if (seq > before) this.#move(room, epoch, seq);
  }

  // A room that was seen empty has a log by now.
  begun(room, epoch) {
    this.#move(room, epoch, this.upTo(room, epoch) ?? 0);
  }

  // Returns the mark that the server does not have yet, {room, seq, epoch}, or null.
  unsent(room) {
    const [here, kept] = [this.#here(room), this.#kept.get(room)];
    const known = !here || (kept?.epoch === here.epoch && kept.seq >= here.seq);
    return known ? null : { room, seq: here.seq, epoch: here.epoch };
  }

  // The server never takes the mark that is unsent.
  settle(room) {
    this.#kept.set(room, this.#here(room));
  }

  // Nothing of this room stays on the device.
  forget(room) {
    this.#kept.delete(room);
    this.#store.delete(key(room));
  }

  #here(room) {
    return this.#store.get(key(room));
  }

  #move(room, epoch, seq) {
    this.#store.set(key(room), { epoch, seq });
    this.dispatchEvent(new Event("change"));
  }
}

function key(room) {
  return `read/${room}`;
}
