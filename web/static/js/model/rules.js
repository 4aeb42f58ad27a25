// The rules: whether a room is locked or slow, and whether this person is muted. Event: "change".

const LONGEST = 2 ** 31 - 1; // milliseconds that a timer can wait

export class Rules extends EventTarget {
  locked = false;
  slow = 0; // seconds between two messages of one person
  #mutedUntil = 0; // milliseconds since 1970
  #timer = null;

  // The `rules` in an answer to `join`, or what the events `rules` and `muted` report. Without `seconds`, a mute has no end.
  update({ locked = this.locked, slow = this.slow, muted, seconds = Infinity }) {
    Object.assign(this, { locked, slow });
    if (muted !== undefined) this.#mute(muted ? seconds * 1000 : 0);
    this.#changed();
  }

  // Milliseconds for which this person is muted; Infinity until a moderator lifts it.
  get muted() {
    return Math.max(0, this.#mutedUntil - Date.now());
  }

  #mute(milliseconds) {
    this.#mutedUntil = milliseconds && Date.now() + milliseconds;
    clearTimeout(this.#timer);
    if (milliseconds && milliseconds < LONGEST) this.#timer = setTimeout(() => this.#changed(), milliseconds);
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
