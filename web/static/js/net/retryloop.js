// A chore: work done step by step until none is left, by one run at a time, with rests between tries.

export class Chore {
  #step;
  #asked = false;
  #running = false;
  #wake = null;

  // `step` does one piece of the work. It resolves to the milliseconds to rest before the next, or to null when there is
  // nothing to do for now.
  constructor(step) {
    this.#step = step;
  }

  // There may be something to do. A rest under way is kept.
  async start() {
    this.#asked = true;
    if (this.#running) return;
    this.#running = true;
    try {
      while (this.#asked) {
        this.#asked = false;
        await this.#run();
      }
    } finally {
      this.#running = false;
    }
  }

  // The same, and whatever made it rest is over.
  hurry() {
    this.#wake?.();
    return this.start();
  }

  async #run() {
    for (let rest = await this.#step(); rest !== null; rest = await this.#step()) {
      if (rest > 0) await this.#rest(rest);
    }
  }

  async #rest(milliseconds) {
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = null;
  }
}
