// The timeline of a room of the chat. It can grow at its older end as well.
//
// Some entries are not messages, and change messages that came before (see kinds.js). Entries of any kind are in `entries`,
// because each has a number. More events: "prepend" (`entries` were added at the older end), "change" (these entries changed
// others).

import { change, changeOfReplies, supersede, targetsOf } from "./kinds.js";
import { Timeline as LogTimeline } from "../relay/timeline.js";

export class Timeline extends LogTimeline {
  #oldest = false; // whether the server said that there is nothing older
  #me;

  // `me`: the person of the page, if there is one.
  constructor(me = null) {
    super();
    this.#me = me;
  }

  // Not by the first page's `more`: the first request for older messages shows whether the log was trimmed.
  get hasOlder() {
    return this.low > 1 && !this.#oldest;
  }

  start(page) {
    this.#oldest = false;
    super.start(page);
  }

  // Add the log's entries before `low`, in order; `more` says whether older ones exist.
  prepend(entries, more) {
    this.#oldest = !more;
    this.entries.unshift(...entries);
    this.#fold(this.entries); // the page may be older than an entry that changed its messages
    super.announce("prepend", entries);
  }

  // Change the messages that these entries are about.
  apply(entries) {
    for (const entry of entries) {
      for (const seq of targetsOf(entry)) {
        const target = this.at(seq);
        if (target?.author) this.#change(target, entry);
      }
      const changeReply = changeOfReplies(entry);
      if (changeReply) for (const { reply } of this.entries) if (targetsOf(entry).includes(reply?.seq)) changeReply(reply);
    }
  }

  announce(type, entries) {
    this.#fold(entries);
    super.announce(type, entries);
  }

  // The edit that the message had until now may be here as well.
  #change(target, entry) {
    const { edited } = target;
    change(target, entry, this.#me);
    const overtaken = edited !== target.edited && this.at(edited);
    if (overtaken) supersede(overtaken);
  }

  #fold(entries) {
    const changes = entries.filter((entry) => targetsOf(entry).length);
    this.apply(changes);
    if (changes.length) super.announce("change", changes);
  }
}
