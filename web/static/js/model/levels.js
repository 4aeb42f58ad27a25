// The levels: of what in each room this person is told: of every message ("all"), of "mentions" only, or of nothing ("none"). The
// server keeps them for all devices. Event: "change".

export class Levels extends EventTarget {
  #connection;
  #chosen = new Map(); // by room

  constructor(connection) {
    super();
    this.#connection = connection;
    connection.addEventListener("level", ({ detail: { room, level } }) => this.take(room, level));
  }

  of(room) {
    return this.#chosen.get(room) ?? "all";
  }

  // Resolves to the server's answer.
  async choose(room, level) {
    const ack = await this.#connection.ask("level", { room, level });
    if (ack.ok) this.take(room, level);
    return ack;
  }

  // The server has this level.
  take(room, level) {
    if (level === this.of(room)) return;
    this.#chosen.set(room, level);
    this.dispatchEvent(new Event("change"));
  }

  // Returns what is told of a room with so many unread messages and mentions: {unread, mentioned}.
  told(room, { messages, mentions }) {
    const unread = { all: messages, mentions, none: 0 }[this.of(room)] ?? messages;
    return { unread, mentioned: unread > 0 && mentions > 0 };
  }
}
