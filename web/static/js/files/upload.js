// One upload: brings a file to the server piece by piece, and goes on after a break where it was.
//
// Its state is "waiting" (for its turn, or with a `problem` for the next try), "moving", "done" (then it has an `id`), or "failed"
// (with a `refusal`). Event: "change".

import { Backoff } from "../relay/backoff.js";
import { idOf } from "./protocol.js";
import { RetryLoop } from "../relay/retryloop.js";

// Bytes of a piece. The server takes up to `most`, within two minutes.
const PIECE = { least: 1 << 18, first: 1 << 20, most: 5 << 20 };
const QUICK = 4_000; // milliseconds: after a piece that took less the next one is twice as large, after one that took more than
const SLOW = 20_000; // this it is half as large

// Refusals that trying again may change. What the person may not do now, they may try again themselves.
const PASSING = new Set(["unanswered", "unavailable", "moved", "rate_limited"]);

export class Upload extends EventTarget {
  state = "waiting";
  sent = 0; // bytes
  problem = null; // the error code of the last try
  refusal = null;
  id = null;
  address = null;
  #room;
  #file;
  #protocol;
  #offset = null; // null until the server says how much it has
  #piece = PIECE.first;
  #ending = new AbortController();
  #loop = new RetryLoop(() => this.#step());
  #backoff = new Backoff({ first: 1_000, most: 30_000 });

  // `file`: {name, size, blob}, where `blob` is null if nobody has the file any more; `address`: of an upload that was announced before, or null.
  constructor(room, file, protocol, address = null) {
    super();
    this.#room = room;
    this.#file = file;
    this.#protocol = protocol;
    this.address = address;
  }

  // Resolves when it is over: done, failed or cancelled.
  run() {
    this.#become("moving");
    return this.#loop.start();
  }

  // It had arrived before.
  arrived(id) {
    Object.assign(this, { id, sent: this.#file.size });
    this.#become("done");
  }

  // There is a network again, or the person does not want to wait.
  hurry() {
    if (this.problem) this.#loop.hurry();
  }

  // Whatever comes of it is not wanted any more.
  cancel() {
    this.#ending.abort();
    this.#loop.hurry();
    if (this.address && this.state !== "done") this.#protocol.end(this.address);
  }

  get cancelled() {
    return this.#ending.signal.aborted;
  }

  async #step() {
    if (this.cancelled || this.state === "done") return null;
    const answer = await this.#advance();
    if (this.cancelled) return null;
    this.problem = answer.ok ? null : answer.error;
    if (answer.ok) this.#backoff.reset();
    else if (!PASSING.has(answer.error)) return this.#fail(answer);
    if (this.#offset === this.#file.size) return this.#finish();
    this.#become(answer.ok ? "moving" : "waiting");
    return answer.ok ? 0 : this.#backoff.next(answer.retry_after * 1000 || 0);
  }

  async #advance() {
    if (!this.#file.blob) return { ok: false, error: "file_gone" };
    // A folder that was dropped, or a file that has gone meanwhile: its request would only look like a broken line.
    if (!(await isReadable(this.#file.blob))) return { ok: false, error: "file_unreadable" };
    if (!this.address) return this.#announce();
    return this.#offset === null ? this.#ask() : this.#bring();
  }

  async #announce() {
    const answer = await this.#protocol.announce(this.#room, this.#file, this.#ending.signal);
    if (answer.ok) Object.assign(this, { address: answer.address, sent: 0 });
    if (answer.ok) this.#offset = 0;
    return answer;
  }

  // An upload that is over is announced again. If that is refused, the answer says why.
  async #ask() {
    const answer = await this.#protocol.ask(this.address, this.#ending.signal);
    if (answer.ok) this.sent = this.#offset = answer.offset;
    else if (!PASSING.has(answer.error)) this.address = null;
    return answer.ok || this.address ? answer : this.#announce();
  }

  async #bring() {
    const from = this.#offset;
    const began = Date.now();
    const body = this.#file.blob.slice(from, from + this.#piece);
    const progress = (bytes) => {
      this.sent = from + Math.min(bytes, body.size);
      this.#changed();
    };
    const answer = await this.#protocol.bring(this.address, from, body, this.#ending.signal, progress);
    this.#offset = answer.ok ? answer.offset : null;
    if (answer.ok) this.sent = answer.offset;
    this.#adapt(Date.now() - began, answer.ok);
    return answer.reason === "no_such_upload" ? { ok: false, error: "moved" } : answer; // then it is asked for, and announced again
  }

  #adapt(took, arrived) {
    if (!arrived || took > SLOW) this.#piece = Math.max(PIECE.least, this.#piece / 2);
    else if (took < QUICK) this.#piece = Math.min(PIECE.most, this.#piece * 2);
  }

  #finish() {
    this.arrived(idOf(this.address));
    return null;
  }

  #fail(refusal) {
    Object.assign(this, { refusal, address: null });
    this.#offset = null;
    this.#become("failed");
    return null;
  }

  #become(state) {
    this.state = state;
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

async function isReadable(blob) {
  try {
    await blob.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}
