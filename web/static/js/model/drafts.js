// The drafts: text that is written in a room's field and not sent. Each tab has its own drafts: when one tab sends its text, the
// text in another tab stays. A tab without a draft for a room starts with the one that any tab saved last.

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

  // The drafts of all rooms, as this tab shows them: [{room, text}].
  get all() {
    const keys = new Set([this.#tab, this.#last].flatMap((store) => store.keys("draft/")));
    const rooms = [...keys].map((each) => each.slice("draft/".length));
    return rooms.map((room) => ({ room, text: this.of(room) })).filter(({ text }) => text.trim());
  }

  add(room, text) {
    this.save(room, [this.of(room), text].filter(Boolean).join("\n"));
  }

  // Nothing that was written for this room stays on the device.
  forget(room) {
    for (const store of [this.#tab, this.#last]) store.delete(key(room));
  }

  // The person signed out.
  clear() {
    this.#tab.clear();
  }

  save(room, text) {
    const before = this.of(room);
    if (text === before) return; // another tab's draft is copied only when this tab changes it
    this.#tab.set(key(room), text);
    if (text) this.#last.set(key(room), text);
    else if (this.#last.get(key(room)) === before) this.#last.delete(key(room));
  }
}

function key(room) {
  return `draft/${room}`;
}
