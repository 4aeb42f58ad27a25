// How long to wait before another try: twice as long each time, up to a most, and never quite the same for everyone.

export class Backoff {
  #first;
  #most;
  #random;
  #tries = 0;

  // `first` and `most` in milliseconds. Half of each wait is left to chance, so that a thousand pages that lost the same
  // server do not all come back in the same moment.
  constructor({ first, most, random = Math.random }) {
    this.#first = first;
    this.#most = most;
    this.#random = random;
  }

  // `least` is what the other side asked for, if it did.
  next(least = 0) {
    const ceiling = Math.min(this.#most, this.#first * 2 ** this.#tries++);
    return Math.max(least, ceiling / 2 + (ceiling / 2) * this.#random());
  }

  reset() {
    this.#tries = 0;
  }
}
