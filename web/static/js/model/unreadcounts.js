// The unread counts: how many messages of each room this person has not read, and how many of them mention the person. One's own
// and deleted ones do not count.
//
// Of a log an interval of numbers is known, up to the newest. What lies between the mark and this interval is taken for messages.

import { mentionsMe } from "../text/mentions.js";
import { isCounted, removedBy } from "./kinds.js";

const MOST = 100; // messages of a room that are known one by one; more are shown as "99+"

export class UnreadCounts {
  #me;
  #readMarks;
  #known = new Map(); // by room: {epoch, from, to, messages, mentions}; sets of numbers above `from`, at most `to`

  constructor(me, readMarks) {
    this.#me = me;
    this.#readMarks = readMarks;
  }

  // Take entries of a log: all of those above `from`, and at most `to`.
  take(room, epoch, entries, from, to) {
    let known = this.#known.get(room);
    if (known?.epoch !== epoch) known = { epoch, from, to: from, messages: new Set(), mentions: new Set() };
    this.#known.set(room, known);
    if (to < known.from) return;
    if (from > known.to) Object.assign(known, { from, to, messages: new Set() });
    else Object.assign(known, { from: Math.min(from, known.from), to: Math.max(to, known.to) });
    for (const entry of entries) this.#count(known, entry);
    for (const seqs of [known.messages, known.mentions]) {
      for (const seq of sorted(seqs).slice(0, -MOST)) seqs.delete(seq), seqs === known.messages && (known.from = seq);
    }
  }

  // Returns {messages, mentions} of a room whose log ends with number `head`.
  of(room, epoch, head) {
    const mark = this.#readMarks.upTo(room, epoch) ?? head;
    const known = this.#known.get(room);
    if (known?.epoch !== epoch) return { messages: Math.max(0, head - mark), mentions: 0 };
    for (const seqs of [known.messages, known.mentions]) for (const seq of seqs) if (seq <= mark) seqs.delete(seq);
    const unknown = Math.max(0, known.from - mark) + Math.max(0, head - Math.max(known.to, mark));
    return { messages: known.messages.size + unknown, mentions: known.mentions.size };
  }

  // Returns the number up to which a log is known; 0 if nothing of it is.
  upTo(room, epoch) {
    const known = this.#known.get(room);
    return known?.epoch === epoch ? known.to : 0;
  }

  forget(room) {
    this.#known.delete(room);
  }

  #count(known, entry) {
    for (const seq of removedBy(entry)) for (const seqs of [known.messages, known.mentions]) seqs.delete(seq);
    if (!isCounted(entry) || entry.author.id === this.#me.id || entry.seq <= known.from) return;
    known.messages.add(entry.seq);
    if (mentionsMe(entry, this.#me)) known.mentions.add(entry.seq);
  }
}

function sorted(numbers) {
  return [...numbers].sort((one, other) => one - other);
}
