// The change sender of a room of the chat: sends edits, deletions and reactions, one at a time and in order.

import { Sender } from "./sender.js";

export class ChangeSender extends Sender {
  #connection;

  // `changes` as in changes.js, and the others as in Sender.
  constructor(room, me, connection, changes, locks) {
    super(room, me, connection, changes, locks, "changes");
    this.#connection = connection;
  }

  emit({ event, room, seq, id, text, mentions, emoji, on }) {
    return this.#connection.ask(event, { room, seq, id, text, mentions, emoji, on });
  }
}
