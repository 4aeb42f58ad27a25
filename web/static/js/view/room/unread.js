// What is unread in the room on the page: where the line above the first unread message stands, and when messages count as read.

import { isMessage } from "../../model/kinds.js";

export class Unread {
  lineAfter = null; // the line stands after the message of this number; null: there is no line
  #room = null;
  #readMarks;
  #arriving = false; // whether the room is not complete yet, after it was opened or started again

  constructor(readMarks) {
    this.#readMarks = readMarks;
  }

  open(room) {
    this.#room = room;
    this.lineAfter = null;
    this.#arriving = true;
  }

  restart() {
    this.#arriving = true;
  }

  // Call it when the room is complete. Returns whether it was not before: then the line stands where the person stopped reading.
  complete() {
    const arrived = this.#arriving;
    this.#arriving = false;
    if (!arrived) return false;
    const mark = this.#mark;
    if (mark !== null && mark < this.#room.timeline.high) this.lineAfter ??= mark;
    return true;
  }

  // Whether the person reads what comes now, if the view is `atNewest`.
  isReading(atNewest) {
    return document.visibilityState === "visible" && this.#room.live && !this.#arriving && atNewest;
  }

  // Entries came that the person does not read now. If all before them was read, the line stands above the first.
  missed(entries) {
    const first = entries.find(isMessage);
    if (this.#arriving || !first) return;
    const before = this.#room.timeline.entries.findLast((entry) => entry.seq < first.seq && isMessage(entry))?.seq ?? 0;
    if (this.lineAfter === null || this.#mark >= before) this.lineAfter = first.seq - 1;
  }

  // The person has read all.
  readAll() {
    const { name, timeline } = this.#room;
    this.#readMarks.read(name, timeline.epoch, timeline.high);
  }

  get #mark() {
    return this.#readMarks.upTo(this.#room.name, this.#room.timeline.epoch);
  }
}
