// Exponential backoff with jitter: each wait is twice as long as the one before, up to a maximum, and half of it is random.

export class Backoff {
  #first;
  #most;
  #random;
  #tries = 0;

  // `first` and `most` in milliseconds. Without the random half, a thousand pages that lost the same server would all come back
  // in the same moment.
  constructor({ first, most, random = Math.random }) {
    this.#first = first;
    this.#most = most;
    this.#random = random;
  }

  // Returns milliseconds, at least `least`: what the server asked for, if it did.
  next(least = 0) {
    const ceiling = Math.min(this.#most, this.#first * 2 ** this.#tries++);
    return Math.max(least, ceiling / 2 + (ceiling / 2) * this.#random());
  }

  reset() {
    this.#tries = 0;
  }
}
