// A retry loop: does work step by step until none is left, one run at a time, with a rest between tries.

export class RetryLoop {
  #step;
  #asked = false;
  #running = false;
  #wake = null;

  // `step` does one piece of the work. It resolves to the milliseconds to rest before the next piece, or to null when there is
  // nothing to do.
  constructor(step) {
    this.#step = step;
  }

  // There may be work. If the loop rests, it goes on resting.
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

  // There may be work, and the reason to rest is gone: if the loop rests, it goes on at once.
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
