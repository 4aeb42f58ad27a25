// The rooms of this person: their names, the last number of each room's log, and a Room for each that was opened.
//
// Rooms that were not opened are joined as well, so that their unread messages are counted. Events: "change"; "opened", with the
// Room; "gone", with {room, lost, about}, when the person has left a room or (`lost`) may not see it any more; "personchange", when
// the connection belongs to somebody else: the page goes on as that person, unless it is prevented.

import { Backoff } from "../relay/backoff.js";
import { RetryLoop } from "../relay/retryloop.js";
import { isMessage } from "./kinds.js";
import { Room } from "./room.js";
import { isGuarded, LOBBY } from "../text/routes.js";

// Entries that are read of rooms that were not opened, to count what is unread: in all of them at each connect, and of one at most
// and at least. One's own message among them, and all before it, count as read.
const COUNTED = { inAll: 2_000, most: 100, least: 20 };
const LEAVE_TRIES = 5; // about 6 s; then the person sees that the room is still in the list

export class Rooms extends EventTarget {
  #connection;
  #me;
  #store;
  #readMarks;
  #counts;
  #levels;
  #descriptions;
  #heads = new Map(); // by name: {epoch, head}; the epoch is null until the server's answer, "" while the log is empty
  #opened = new Map(); // by name: Room
  #joined = new Set(); // of those that were not opened
  #syncLoop = new RetryLoop(() => this.#sync());
  #backoff = new Backoff({ first: 500, most: 10_000 });

  constructor(connection, me, store, { readMarks, counts, levels, descriptions }) {
    super();
    this.#connection = connection;
    this.#me = me;
    this.#store = store;
    this.#readMarks = readMarks;
    this.#descriptions = descriptions;
    this.#counts = counts;
    this.#levels = levels;
    for (const name of [LOBBY, ...(store.get("rooms") ?? [])]) this.#heads.set(name, { epoch: null, head: 0 });
    connection.addEventListener("up", () => this.#syncLoop.hurry());
    connection.addEventListener("down", () => {
      me.unconfirm();
      this.#joined.clear();
    });
    connection.addEventListener("entry", ({ detail }) => this.#receive(detail));
    connection.addEventListener("invited", ({ detail }) => this.enter(detail.room, detail.about));
    connection.addEventListener("removed", ({ detail }) => this.#lose(detail.room));
    connection.addEventListener("described", ({ detail }) => descriptions.change(detail.room, detail));
    connection.addEventListener("erased", ({ detail }) => descriptions.erase(detail.room, detail.person));
    connection.addEventListener("read", ({ detail }) => this.#hasRead(detail));
    connection.addEventListener("purged", ({ detail: { room } }) => this.#advance(room, "", 0));
  }

  get list() {
    return [...this.#heads].map(([name, { epoch, head }]) => ({ name, epoch, head })).sort(byName);
  }

  // The names of those in which this connection is.
  get joined() {
    return [...this.#heads.keys()].filter((name) => this.#opened.get(name)?.joined ?? this.#joined.has(name));
  }

  open(name) {
    if (!this.#opened.has(name)) {
      const room = new Room(name, this.#connection, this.#descriptions, this.#me);
      this.#opened.set(name, room);
      for (const type of ["append", "reset"]) {
        room.timeline.addEventListener(type, ({ detail: { entries } }) => {
          const { epoch, high } = room.timeline;
          if (epoch !== null) this.#counts.take(name, epoch, entries, entries.length ? entries[0].seq - 1 : high, high);
          this.#advance(name, epoch, high);
        });
      }
      room.addEventListener("change", () => {
        this.#settle(room);
        this.dispatchEvent(new Event("change"));
      });
      this.dispatchEvent(new CustomEvent("opened", { detail: room }));
      if (this.#connection.connected) room.rejoin();
    }
    if (!isGuarded(name)) this.#list(name); // others once the server has let the person in
    this.#changed();
    return this.#opened.get(name);
  }

  // The person is in a room from now on, because they or somebody else made it so. All that is written there is new to them, but for
  // the entry with which it begins.
  enter(name, about) {
    this.#descriptions.learn(name, about);
    this.#readMarks.begin(name, "", 1);
    this.#list(name);
    this.#changed();
    if (this.#opened.get(name)?.missing) this.#opened.get(name).rejoin();
    this.#syncLoop.start();
  }

  // The people in the rooms that were opened, each once, by name.
  get around() {
    return eachOnce(this.#around);
  }

  get #around() {
    return [...this.#opened.values()].flatMap(({ people }) => people.list);
  }

  // The same people, whoever wrote what is loaded, and the others in direct rooms.
  get known() {
    const written = [...this.#opened.values()].flatMap(({ timeline }) => timeline.entries.map(({ author }) => author));
    const direct = [...this.#heads.keys()].flatMap((name) => this.#descriptions.of(name).others ?? []);
    return eachOnce([...written, ...direct, ...this.#around]);
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
    const room = this.#opened.get(name);
    this.#opened.delete(name);
    room?.close();
    room?.timeline.clear();
    this.#remove(name, false);
    return true;
  }

  #list(name) {
    if (!this.#heads.has(name)) this.#heads.set(name, { epoch: null, head: 0 });
  }

  #remove(name, lost) {
    this.#heads.delete(name);
    this.#joined.delete(name);
    this.dispatchEvent(new CustomEvent("gone", { detail: { room: name, lost, about: this.#descriptions.of(name) } }));
    this.#changed();
  }

  // The person may not see a room any more. If it is open, it asks the server, as for any room that it does not know.
  #lose(name) {
    if (!this.#heads.has(name)) return;
    const room = this.#opened.get(name);
    room?.timeline.clear();
    this.#remove(name, true);
    if (room && !room.missing) room.rejoin();
  }

  #settle({ name, missing, live, timeline }) {
    if (missing) this.#lose(name);
    if (!live || this.#heads.has(name)) return;
    this.#list(name);
    this.#advance(name, timeline.epoch, timeline.high);
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
    // Whether the person may still see a guarded room that is not in the list, joining it tells.
    const stays = (name) => this.#opened.has(name) || isGuarded(name);
    for (const [name, known] of this.#heads) if (!heads.has(name) && stays(name)) heads.set(name, known);
    this.#heads = heads;
    for (const { room, about, epoch, read, level } of ack.rooms) {
      this.#descriptions.learn(room, about);
      this.#readMarks.take(room, epoch, read);
      this.#levels.take(room, level);
    }
    for (const [name, { epoch, head }] of heads) this.#begin(name, epoch, head);
    this.#changed();
    return ack;
  }

  // Joins a room that was not opened, to receive what is written from now on.
  async #joinNext() {
    const name = [...this.#heads.keys()].find((each) => !this.#opened.has(each) && !this.#joined.has(each));
    if (name === undefined) return null;
    const { epoch, head } = this.#heads.get(name);
    const after = Math.max(this.#readMarks.upTo(name, epoch) ?? head, this.#counts.upTo(name, epoch), head - this.#share);
    const ack = await this.#connection.ask("join", { room: name, after, ...(epoch && { epoch }) });
    if (ack.error === "no_such_room" && isGuarded(name)) this.#lose(name);
    else if (!ack.ok && ack.error !== "limit") return ack;
    else this.#joined.add(name);
    if (ack.ok) {
      this.#descriptions.learn(name, ack.about);
      const own = ack.messages.findLast((entry) => isMessage(entry) && entry.author.id === this.#me.id);
      if (own) this.#readMarks.read(name, ack.epoch, own.seq);
      this.#count(name, after, ack);
      this.#advance(name, ack.epoch, ack.head);
    }
    return { ok: true };
  }

  // How many entries are read of a room, of those in which something is unread.
  get #share() {
    const behind = [...this.#heads].filter(([name, { epoch, head }]) => head > (this.#readMarks.upTo(name, epoch) ?? head));
    return Math.max(COUNTED.least, Math.min(COUNTED.most, Math.floor(COUNTED.inAll / behind.length)));
  }

  // Counts what a join was answered. The page of another log than was asked for is its newest.
  #count(name, after, { epoch, head, messages, more, reset }) {
    const from = reset ? (messages[0]?.seq ?? head + 1) - 1 : after;
    this.#counts.take(name, epoch, messages, from, more && !reset ? messages.at(-1).seq : head);
  }

  // Another device has read a room. Its mark may be one of a log that is gone.
  #hasRead({ room, epoch, read }) {
    if ([epoch, ""].includes(this.#heads.get(room)?.epoch)) this.#readMarks.take(room, epoch, read);
  }

  // What was there when a room was seen for the first time counts as read, unless the server knows better.
  #begin(name, epoch, head) {
    if (epoch !== null && this.#me.confirmed) this.#readMarks.begin(name, epoch, head);
  }

  #receive(entry) {
    const { room, epoch, seq } = entry;
    if (!this.#opened.has(room)) this.#counts.take(room, epoch, [entry], seq - 1, seq);
    this.#advance(room, epoch, seq);
  }

  #advance(name, epoch, seq) {
    const known = this.#heads.get(name);
    if (!known || epoch === null) return;
    this.#heads.set(name, { epoch, head: epoch === known.epoch ? Math.max(seq, known.head) : seq });
    this.#begin(name, epoch, seq);
    this.#changed();
  }

  #changed() {
    const names = [...this.#heads.keys()].filter((name) => name !== LOBBY);
    if (names.join() !== this.#store.get("rooms")?.join()) this.#store.set("rooms", names);
    this.dispatchEvent(new Event("change"));
  }
}

// Of the same person the last is taken, under the name that they have now. Of whom only the id is known, nobody is.
function eachOnce(people) {
  const named = people.filter((person) => person?.name);
  return [...new Map(named.map((person) => [person.id, person])).values()].sort((one, other) => one.name.localeCompare(other.name));
}

// The lobby first.
function byName(one, other) {
  return (other.name === LOBBY) - (one.name === LOBBY) || (one.name < other.name ? -1 : 1);
}
