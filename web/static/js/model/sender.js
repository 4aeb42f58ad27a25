// The sender of a room of the chat: sends messages as the person who wrote them.

import { Sender as RoomSender } from "../relay/sender.js";

// Refusals after which the sender does not try again by itself. When a room is unlocked or brought back, or a mute ends, much later, the author
// decides whether the message still makes sense.
const FINAL = new Set(["empty", "too_long", "invalid", "no_such_room", "archived", "locked", "muted", "banned", "limit", "forbidden"]);

export class Sender extends RoomSender {
  #me;
  #connection;
  #locks;
  #room;
  #lock;

  // `locks` is a LockManager. Its lock keeps two tabs from sending the same entry at once. That would do no harm, but it costs.
  // `lock` is what it is called.
  constructor(room, me, connection, outbox, locks, lock = "outbox") {
    super(room, connection, outbox);
    this.#me = me;
    this.#connection = connection;
    this.#locks = locks;
    this.#room = room;
    this.#lock = lock;
    me.addEventListener("change", () => this.start());
  }

  emit({ id, room, text, mentions, reply, here, files }) {
    return this.#connection.ask("message", text, { room, id, mentions, reply, here, files: files?.map((file) => file.id) });
  }

  isFinal({ error }) {
    return FINAL.has(error);
  }

  // Not as another person.
  get ready() {
    return this.#me.confirmed;
  }

  alone(work) {
    return this.#locks.request(`tertulia/${this.#me.id}/${this.#lock}/${this.#room.name}`, work);
  }
}
