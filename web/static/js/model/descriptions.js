// The descriptions of rooms: of which kind each is, and what it is called.
//
// They are kept in the browser's storage, so that a room has its title before the server answers. Event: "change".

const UNKNOWN = { kind: "open", title: "", topic: "" };

export class Descriptions extends EventTarget {
  #store;

  constructor(store) {
    super();
    this.#store = store;
  }

  // Returns {kind, title, topic, archived?, maker?, others?}, as the server's `about` is.
  of(room) {
    return this.#store.get(key(room)) ?? UNKNOWN;
  }

  // The server said what a room is. A server of an older release says nothing.
  learn(room, about) {
    if (!about || same(about, this.of(room))) return;
    if (same(about, UNKNOWN)) return this.forget(room);
    this.#store.set(key(room), about);
    this.#changed();
  }

  // The server said that its title and topic are these now, and perhaps whether it is archived.
  change(room, { title, topic, archived = this.of(room).archived }) {
    this.learn(room, { ...this.of(room), title, topic, archived: archived || undefined });
  }

  // The name of one of the others in it was erased.
  erase(room, person) {
    const about = this.of(room);
    this.learn(room, { ...about, others: about.others?.map((each) => (each.id === person ? { ...each, name: "" } : each)) });
  }

  forget(room) {
    this.#store.delete(key(room));
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

function same(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

function key(room) {
  return `about/${room}`;
}
