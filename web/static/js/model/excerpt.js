// The excerpt: the messages around one that is older than everything loaded. It grows at both ends, until nothing is missing
// between it and the room's timeline.

import { Timeline } from "./timeline.js";

const PAGE = 100;

export class Excerpt {
  timeline;
  #room;
  #connection;
  #busy = false;

  // `me`: the person of the page.
  constructor(room, connection, me) {
    this.timeline = new Timeline(me);
    this.#room = room;
    this.#connection = connection;
  }

  // Resolves to whether the message exists, or to null when the server did not answer.
  async around(seq) {
    const before = await this.#history({ before: seq + 1 });
    if (!before) return null;
    if (before.messages.at(-1)?.seq !== seq) return false;
    const after = await this.#history({ after: seq });
    if (!after) return null;
    this.timeline.start({ epoch: before.epoch, head: 0, entries: [...before.messages, ...after.messages] });
    return true;
  }

  // Whether nothing is missing between this and the room's timeline.
  get isContiguous() {
    return this.timeline.high + 1 >= this.#room.timeline.low;
  }

  wantOlder() {
    return this.#once(async () => {
      const { low, hasOlder } = this.timeline;
      const page = hasOlder && (await this.#history({ before: low }));
      if (page) this.timeline.prepend(page.messages, page.more);
    });
  }

  wantNewer() {
    return this.#once(async () => {
      const page = !this.isContiguous && (await this.#history({ after: this.timeline.high }));
      if (page) this.timeline.extend(page.messages);
    });
  }

  async #history(range) {
    const ack = await this.#connection.ask("history", { room: this.#room.name, limit: PAGE, ...range });
    return ack.ok && ack.epoch === this.#room.timeline.epoch ? ack : null;
  }

  async #once(work) {
    if (this.#busy) return;
    this.#busy = true;
    await work();
    this.#busy = false;
  }
}
