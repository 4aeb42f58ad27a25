// The outbox of one person in the chat: messages that they wrote. An entry has a `text`.

import { Outbox as RoomOutbox } from "../relay/outbox.js";

export class Outbox extends RoomOutbox {
  add(room, text) {
    return super.add(room, { text });
  }

  // Only messages of `author` count, because other people may use the same id.
  shown(room, messages, high, author) {
    return super.shown(room, messages.filter((message) => message.author?.id === author), high);
  }
}
