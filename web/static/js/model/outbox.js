// The outbox of one person in the chat: messages that they wrote. An entry has a `text`, and may have `mentions` of
// the people whom it names, the message to which it is a `reply`, {seq, id}, and `here` if it names everybody.

import { Outbox as RoomOutbox } from "../relay/outbox.js";

export class Outbox extends RoomOutbox {
  add(room, text, { mentions = [], reply = null, here = false } = {}) {
    return super.add(room, { text, ...(mentions.length && { mentions }), ...(reply && { reply }), ...(here && { here }) });
  }

  // An entry that was forgotten while it was on its way stays forgotten.
  fail(entry, refusal) {
    if (this.entries(entry.room).some(({ id }) => id === entry.id)) super.fail(entry, refusal);
  }

  // Nothing that was written for this room stays on the device.
  forget(room) {
    for (const entry of this.entries(room)) this.discard(entry);
    this.startOver(room);
  }

  // Only messages of `author` count, because other people may use the same id.
  shown(room, messages, high, author) {
    return super.shown(room, messages.filter((message) => message.author?.id === author), high);
  }
}
