// The drafts: what was begun in each room and not sent. Each tab has its own, so that what one tab sends does not take what is
// written in another. A tab that has begun nothing in a room goes on with what was written there last.

export class Drafts {
  #tab;
  #last;

  // Two stores: of this tab, and of the browser.
  constructor(tab, last) {
    this.#tab = tab;
    this.#last = last;
  }

  of(room) {
    return this.#tab.get(key(room)) ?? this.#last.get(key(room)) ?? "";
  }

  // What has been begun in all rooms, as this tab shows it: [{room, text}].
  get all() {
    const keys = new Set([this.#tab, this.#last].flatMap((store) => store.keys("draft/")));
    const rooms = [...keys].map((each) => each.slice("draft/".length));
    return rooms.map((room) => ({ room, text: this.of(room) })).filter(({ text }) => text.trim());
  }

  add(room, text) {
    this.keep(room, [this.of(room), text].filter(Boolean).join("\n"));
  }

  // The person goes for good.
  clear() {
    this.#tab.clear();
  }

  keep(room, text) {
    const before = this.of(room);
    if (text === before) return; // what another tab has begun is its own until this one changes it
    this.#tab.set(key(room), text);
    if (text) this.#last.set(key(room), text);
    else if (this.#last.get(key(room)) === before) this.#last.delete(key(room));
  }
}

function key(room) {
  return `draft/${room}`;
}
