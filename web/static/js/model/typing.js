// The typing: who is writing in each room. Ends by itself, since the word that it ended may be lost. Event: "change".

const LASTS = 6_000; // milliseconds; whoever goes on typing says so again within half of it

export class Typing extends EventTarget {
  #rooms = new Map(); // room: Map of id: {author, timer}

  hear({ room, author, typing }) {
    this.#end(room, author.id);
    if (typing) {
      const timer = setTimeout(() => this.hear({ room, author, typing: false }), LASTS);
      if (!this.#rooms.has(room)) this.#rooms.set(room, new Map());
      this.#rooms.get(room).set(author.id, { author, timer });
    }
    this.dispatchEvent(new Event("change"));
  }

  // Those who type in a room, in the order they began.
  in(room) {
    return [...(this.#rooms.get(room)?.values() ?? [])].map(({ author }) => author);
  }

  #end(room, id) {
    clearTimeout(this.#rooms.get(room)?.get(id)?.timer);
    this.#rooms.get(room)?.delete(id);
  }
}
