// Who is typing in each room. An entry ends by itself after a while, because the message that it ended may be lost. Event:
// "change".

const LASTS = 6_000; // milliseconds; a client that goes on typing says so every 3 s (typingnotifier.js)

export class Typing extends EventTarget {
  #rooms = new Map(); // room: Map of id: {author, timer}

  update({ room, author, typing }) {
    this.#end(room, author.id);
    if (typing) {
      const timer = setTimeout(() => this.update({ room, author, typing: false }), LASTS);
      if (!this.#rooms.has(room)) this.#rooms.set(room, new Map());
      this.#rooms.get(room).set(author.id, { author, timer });
    }
    this.dispatchEvent(new Event("change"));
  }

  // Returns who is typing in a room, in the order in which they started.
  in(room) {
    return [...(this.#rooms.get(room)?.values() ?? [])].map(({ author }) => author);
  }

  #end(room, id) {
    clearTimeout(this.#rooms.get(room)?.get(id)?.timer);
    this.#rooms.get(room)?.delete(id);
  }
}
