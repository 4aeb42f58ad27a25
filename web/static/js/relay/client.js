// A client of relay.Rooms (docs/relay-rooms.md): rooms that are shown without a hole, and what is appended reaches them once and
// in order, whatever breaks on the way. Runs on a plain page and in Node, with the official Socket.IO client. The same in Python is
// relay.client.
//
//   const client = new Client(io(url, { autoConnect: false, reconnection: false }));
//   const room = client.join("tea", { show(entries, reset) { … }, refused(answer, entry) { … } });
//   const answer = await room.append({ text: "hello" });

import { Connection } from "./connection.js";
import { Outbox } from "./outbox.js";
import { Room } from "./room.js";
import { Sender } from "./sender.js";
import { Store } from "./store.js";
import { Timeline } from "./timeline.js";

const KEEP = 1_000; // entries of a room that stay in memory, to know a repetition from another log

export class Client {
  connection; // has `connected`, and `refusal`: the server's, when it did not let the client in. It is tried again
  #outbox;
  #rooms = new Map(); // by name

  // `socket` is a Socket.IO socket made with {autoConnect: false, reconnection: false}. `storage` is a Storage, where what was
  // not acknowledged survives a reload; its keys begin with `prefix`, of which each user needs one.
  constructor(socket, { storage = null, prefix = "relay/" } = {}) {
    this.connection = new Connection(socket);
    this.#outbox = new Outbox(new Store(storage, prefix));
    this.connection.open();
  }

  // Join a room for good: the client joins it again after each break. Returns a JoinedRoom.
  //
  // `show(entries, reset)` is called with what is new, in the order of the log, each entry once: {seq, id, at, data}. The first
  // call has the newest entries. With `reset` they replace all that was shown: it was of another log.
  // `refused(answer, entry)` is called when the server will never take the entry {id, data}, or will not let the client into the
  // room, without an entry then. `answer` is {error, detail, …}.
  // `after` and `epoch` are a `place` that was remembered: what came after it is shown, and nothing before.
  join(name, handlers) {
    if (this.#rooms.has(name)) throw new Error(`The room ${name} is joined already.`);
    const room = new JoinedRoom(name, this.connection, this.#outbox, handlers, () => this.#rooms.delete(name));
    this.#rooms.set(name, room);
    return room;
  }

  // Disconnect for good. What was not acknowledged is answered with the error "closed", and stays in the storage.
  close() {
    for (const room of this.#rooms.values()) room.close();
    this.#rooms.clear();
    this.connection.close();
  }
}

class JoinedRoom {
  name;
  #connection;
  #outbox;
  #room;
  #timeline = new Timeline({ keep: KEEP });
  #show;
  #refused;
  #forget;
  #answers = new Map(); // by an entry's id: resolves what `append` returned
  #closed = false;

  constructor(name, connection, outbox, { show, refused = () => {}, after = 0, epoch = null }, forget) {
    this.name = name;
    this.#connection = connection;
    this.#outbox = outbox;
    this.#show = show;
    this.#refused = refused;
    this.#forget = forget;
    if (epoch !== null) this.#timeline.resume(epoch, after);
    this.#room = new Room(name, connection, { timeline: this.#timeline });
    this.#timeline.addEventListener("reset", ({ detail }) => {
      outbox.startOver(name);
      this.#tell(detail.entries, true);
    });
    this.#timeline.addEventListener("append", ({ detail }) => this.#tell(detail.entries, false));
    this.#room.addEventListener("change", () => this.#tellProblem());
    const sender = new Sender(this.#room, connection, outbox);
    sender.addEventListener("settled", ({ detail }) => this.#settle(detail.entry, detail.answer));
    if (connection.connected) this.#room.rejoin();
  }

  // Whether everything that the log has is shown.
  get live() {
    return this.#room.live;
  }

  // Where `join` goes on another time: {epoch, after}, or null before the first answer.
  get place() {
    const { epoch, high } = this.#timeline;
    return epoch === null ? null : { epoch, after: high };
  }

  // The entries of this client that are not shown yet, in the order they were appended: {id, data, state}. `state` is "pending",
  // or "sent" once it is acknowledged.
  get unsent() {
    return this.#outbox.entries(this.name).map(({ id, data, state }) => ({ id, data, state }));
  }

  // Append any JSON value. It is sent until the server has it or refuses it for good, after all that was appended before.
  // Resolves to the answer: {ok: true, id, room, epoch, seq, at} or {ok: false, error, detail}. Never rejects.
  append(data) {
    return new Promise((resolve) => {
      const id = this.#outbox.add(this.name, { data });
      this.#answers.set(id, resolve);
    });
  }

  // Leave for good. What was not acknowledged is answered with the error "closed", and not sent any more.
  async leave() {
    this.close();
    this.#forget();
    for (const entry of this.#outbox.entries(this.name)) this.#outbox.discard(entry);
    await this.#connection.ask("leave", { room: this.name });
  }

  close() {
    this.#closed = true;
    this.#room.close();
    for (const id of this.#answers.keys()) this.#answer(id, { ok: false, error: "closed", detail: "The room was left." });
  }

  // An entry that is shown is acknowledged, even if its answer was lost.
  #tell(entries, reset) {
    if (this.#closed) return; // the answer to a join came after it was left
    const { epoch, high } = this.#timeline;
    const plain = entries.map(({ seq, id, at, data }) => ({ seq, id, at, data }));
    this.#show(plain, reset);
    this.#outbox.shown(this.name, plain, high);
    for (const { id, seq, at } of plain) this.#answer(id, { ok: true, id, room: this.name, epoch, seq, at });
  }

  #tellProblem() {
    const { problem } = this.#room;
    if (problem && this.#room.isFinal(problem)) this.#refused(problem);
  }

  #settle(entry, answer) {
    this.#answer(entry.id, answer);
    if (answer.ok) return;
    this.#outbox.discard(entry);
    this.#refused(answer, { id: entry.id, data: entry.data });
  }

  #answer(id, answer) {
    this.#answers.get(id)?.(answer);
    this.#answers.delete(id);
  }
}
