// The keeping: saves a room's last messages a moment after they changed, and when the page goes.

const AFTER = 1_000; // milliseconds

export class Keeping {
  #kept;
  #rooms = new Set();
  #timer = null;

  constructor(kept) {
    this.#kept = kept;
    window.addEventListener("pagehide", () => this.#save());
  }

  changed(room) {
    this.#rooms.add(room);
    this.#timer ??= setTimeout(() => this.#save(), AFTER);
  }

  #save() {
    clearTimeout(this.#timer);
    this.#timer = null;
    for (const { name, timeline } of this.#rooms) if (timeline.epoch) this.#kept.keep(name, timeline);
    this.#rooms.clear();
  }
}
