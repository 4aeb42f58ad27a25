// The rooms of this person: their names, the last number of each room's log, and a Room for each that was opened.
//
// Rooms that were not opened are joined as well, so that their unread messages are counted. Events: "change"; "opened", with the
// Room; "personchange", when the connection belongs to somebody else: the page goes on as that person, unless it is prevented.

import { Backoff } from "../relay/backoff.js";
import { RetryLoop } from "../relay/retryloop.js";
import { isMessage } from "./kinds.js";
import { Room } from "./room.js";
import { LOBBY } from "../text/routes.js";

const RECENT = 20; // messages of a room that was not opened; one's own message among them, and all before it, count as read
const LEAVE_TRIES = 5; // about 6 s; then the person sees that the room is still in the list

export class Rooms extends EventTarget {
  #connection;
  #me;
  #store;
  #readMarks;
  #heads = new Map(); // by name: {epoch, head}; the epoch is null until the server's answer, "" while the log is empty
  #opened = new Map(); // by name: Room
  #joined = new Set(); // of those that were not opened
  #syncLoop = new RetryLoop(() => this.#sync());
  #backoff = new Backoff({ first: 500, most: 10_000 });

  constructor(connection, me, store, readMarks) {
    super();
    this.#connection = connection;
    this.#me = me;
    this.#store = store;
    this.#readMarks = readMarks;
    for (const name of [LOBBY, ...(store.get("rooms") ?? [])]) this.#heads.set(name, { epoch: null, head: 0 });
    connection.addEventListener("up", () => this.#syncLoop.hurry());
    connection.addEventListener("down", () => {
      me.unconfirm();
      this.#joined.clear();
    });
    connection.addEventListener("entry", ({ detail }) => this.#receive(detail));
  }

  get list() {
    return [...this.#heads].map(([name, { epoch, head }]) => ({ name, epoch, head })).sort(byName);
  }

  open(name) {
    if (!this.#opened.has(name)) {
      const room = new Room(name, this.#connection);
      this.#opened.set(name, room);
      room.timeline.addEventListener("append", () => this.#advance(name, room.timeline.epoch, room.timeline.high));
      room.timeline.addEventListener("reset", () => this.#advance(name, room.timeline.epoch, room.timeline.high));
      this.dispatchEvent(new CustomEvent("opened", { detail: room }));
      if (this.#connection.connected) room.rejoin();
    }
    if (!this.#heads.has(name)) this.#heads.set(name, { epoch: null, head: 0 });
    this.#changed();
    return this.#opened.get(name);
  }

  // Resolves to whether the server has done it. While Redis is away it is asked again, a few times.
  async leave(name) {
    const backoff = new Backoff({ first: 500, most: 4_000 });
    let ack = await this.#connection.ask("leave", { room: name });
    for (let tries = 1; ack.error === "unavailable" && tries < LEAVE_TRIES; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, backoff.next()));
      ack = await this.#connection.ask("leave", { room: name });
    }
    if (!ack.ok) return false;
    this.#heads.delete(name);
    this.#opened.get(name)?.close();
    this.#opened.delete(name);
    this.#joined.delete(name);
    this.#changed();
    return true;
  }

  async #sync() {
    if (!this.#connection.connected) return null;
    const ack = this.#me.confirmed ? await this.#joinNext() : await this.#ask();
    if (ack === null) return null;
    if (ack.ok) this.#backoff.reset();
    return ack.ok ? 0 : this.#backoff.next(ack.retry_after * 1000 || 0);
  }

  async #ask() {
    const ack = await this.#connection.ask("rooms");
    if (!ack.ok) return ack;
    if (!this.#me.confirm(ack.you)) {
      if (!this.dispatchEvent(new Event("personchange", { cancelable: true }))) return null;
      this.#me.become(ack.you);
    }
    const heads = new Map(ack.rooms.map(({ room, epoch, head }) => [room, { epoch, head }]));
    for (const name of this.#opened.keys()) if (!heads.has(name)) heads.set(name, this.#heads.get(name));
    this.#heads = heads;
    this.#changed();
    return ack;
  }

  // Joins a room that was not opened, to receive what is written from now on.
  async #joinNext() {
    const name = [...this.#heads.keys()].find((each) => !this.#opened.has(each) && !this.#joined.has(each));
    if (name === undefined) return null;
    const { epoch, head } = this.#heads.get(name);
    const after = Math.max(this.#readMarks.upTo(name, epoch) ?? head, head - RECENT);
    const ack = await this.#connection.ask("join", { room: name, after, ...(epoch && { epoch }) });
    if (!ack.ok && ack.error !== "limit") return ack;
    this.#joined.add(name);
    if (ack.ok) {
      const own = ack.messages.findLast(({ author }) => author?.id === this.#me.id);
      if (own) this.#readMarks.read(name, ack.epoch, own.seq);
      this.#advance(name, ack.epoch, ack.head);
    }
    return { ok: true };
  }

  #receive(entry) {
    const { room, epoch, seq } = entry;
    if (!isMessage(entry)) this.#readMarks.skip(room, epoch, seq);
    this.#advance(room, epoch, seq);
  }

  #advance(name, epoch, seq) {
    const known = this.#heads.get(name);
    if (!known || epoch === null) return;
    this.#heads.set(name, { epoch, head: epoch === known.epoch ? Math.max(seq, known.head) : seq });
    this.#changed();
  }

  #changed() {
    const names = [...this.#heads.keys()].filter((name) => name !== LOBBY);
    if (names.join() !== this.#store.get("rooms")?.join()) this.#store.set("rooms", names);
    this.dispatchEvent(new Event("change"));
  }
}

// The lobby first.
function byName(one, other) {
  return (other.name === LOBBY) - (one.name === LOBBY) || (one.name < other.name ? -1 : 1);
}
