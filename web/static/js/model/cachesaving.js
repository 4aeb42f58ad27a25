// Saves a room's messages to the cache a second after they changed, and when the page is left.

const AFTER = 1_000; // milliseconds

export class CacheSaving {
  #cache;
  #rooms = new Set();
  #timer = null;

  constructor(cache) {
    this.#cache = cache;
    window.addEventListener("pagehide", () => this.#save());
  }

  changed(room) {
    this.#rooms.add(room);
    this.#timer ??= setTimeout(() => this.#save(), AFTER);
  }

  #save() {
    clearTimeout(this.#timer);
    this.#timer = null;
    for (const { name, timeline } of this.#rooms) if (timeline.epoch) this.#cache.save(name, timeline);
    this.#rooms.clear();
  }
}
