import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { Client } from "../../../../web/static/js/relay/client.js";
import { FakeSocket, FakeStorage, settled } from "../fakes.mjs";

// relay.Rooms with one log, as far as a client can tell.
class FakeRooms {
  epoch = "first";
  log = [];
  page = 200;
  answers = []; // instead of the next ones to `append`; a function is called after the entry was kept
  asked = [];

  constructor(socket) {
    socket.answer = async (event, options) => {
      this.asked.push([event, options]);
      return this[event](options);
    };
  }

  entries(from = 0, to = Infinity) {
    return this.log.slice(from, to).map((entry) => ({ ...entry }));
  }

  join({ room, after, epoch }) {
    const reset = epoch !== undefined && epoch !== this.epoch;
    const from = after === undefined || reset ? Math.max(0, this.log.length - this.page) : after;
    return { ok: true, room, ...this.read(from), ...(reset && { reset }) };
  }

  history({ after }) {
    return { ok: true, ...this.read(after) };
  }

  read(from) {
    const entries = this.entries(from, from + this.page);
    return { epoch: this.epoch, head: this.log.length, entries, more: from + entries.length < this.log.length };
  }

  append({ id, data }) {
    const refusal = this.answers.shift();
    if (refusal && typeof refusal !== "function") return refusal;
    let entry = this.log.find((each) => each.id === id);
    entry ??= this.keep(data, id);
    return refusal ? refusal() : { ok: true, id, room: "tea", epoch: this.epoch, seq: entry.seq, at: entry.at };
  }

  leave() {
    return { ok: true };
  }

  keep(data, id = `id of ${data}`) {
    const entry = { seq: this.log.length + 1, id, at: 1000 + this.log.length, data };
    this.log.push(entry);
    return entry;
  }

  // The event by which the client gets an entry.
  event(seq) {
    return { room: "tea", epoch: this.epoch, ...this.log[seq - 1] };
  }
}

let socket;
let rooms;
let client;
let room;
let shown; // [seq, data] of all that is shown now
let resets;
let refusals;

describe("a client follows a log", () => {
  beforeEach((t) => {
    t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
    begin();
  });

  function begin(options) {
    socket = new FakeSocket();
    rooms = new FakeRooms(socket);
    client = new Client(socket, options);
    [shown, resets, refusals] = [[], 0, []];
  }

  const upTo = (number) => Array.from({ length: number }, (_, index) => index + 1);
  const numbers = () => shown.map(([seq]) => seq);
  const appends = () => rooms.asked.filter(([event]) => event === "append").map(([, { data }]) => data);
  const joins = () => rooms.asked.filter(([event]) => event === "join").map(([, options]) => options);

  function join(place) {
    room = client.join("tea", {
      show(entries, reset) {
        if (reset) [shown, resets] = [[], resets + 1];
        shown.push(...entries.map(({ seq, data }) => [seq, data]));
      },
      refused: (answer, entry) => refusals.push([answer.error, entry?.data]),
      ...place,
    });
  }

  async function connect() {
    socket.happens("connect");
    await settled();
  }

  async function breaks() {
    socket.happens("disconnect", "transport close");
    await settled();
  }

  async function hears(...events) {
    for (const event of events) socket.happens("entry", event);
    await settled();
  }

  test("shows what the log has, and then what comes", async () => {
    rooms.keep("one");
    join();
    assert.equal(room.place, null);
    await connect();
    rooms.keep("two");
    await hears(rooms.event(2));
    assert.deepEqual(shown, [[1, "one"], [2, "two"]]);
    assert.deepEqual([room.live, room.place], [true, { epoch: "first", after: 2 }]);
    assert.deepEqual(joins(), [{ room: "tea" }]);
  });

  test("resumes after a break, with the highest number and the epoch, page by page", async () => {
    join();
    rooms.keep(0);
    await connect();
    await breaks();
    for (const number of upTo(450)) rooms.keep(number);
    await connect();
    assert.deepEqual(joins()[1], { room: "tea", after: 1, epoch: "first" });
    assert.deepEqual(numbers(), upTo(451));
    assert.equal(resets, 1, "only the first page replaced what was shown");
  });

  test("drops repetitions, live ones and those in a page", async () => {
    join();
    for (const data of "abc") rooms.keep(data);
    await connect();
    await hears(rooms.event(3), rooms.event(2), rooms.event(3));
    assert.deepEqual(numbers(), [1, 2, 3]);
    assert.equal(joins().length, 1, "the client has them already");
  });

  test("fills a hole before it shows what lies beyond", async () => {
    join();
    rooms.keep("one");
    await connect();
    for (const data of "abc") rooms.keep(data);
    await hears(rooms.event(4), rooms.event(3));
    assert.deepEqual(shown, [[1, "one"], [2, "a"], [3, "b"], [4, "c"]]);
  });

  test("starts over when a join says so", async () => {
    join();
    for (const data of "abc") rooms.keep(data);
    await connect();
    await breaks();
    Object.assign(rooms, { epoch: "second", log: [] });
    rooms.keep("new");
    await connect();
    assert.deepEqual(shown, [[1, "new"]]);
    assert.equal(room.place.epoch, "second");
  });

  test("starts over when an entry has another epoch", async () => {
    join();
    for (const data of "abc") rooms.keep(data);
    await connect();
    Object.assign(rooms, { epoch: "second", log: [] });
    rooms.keep("new");
    await hears(rooms.event(1));
    assert.deepEqual(shown, [[1, "new"]]);
  });

  test("goes on after a place that was remembered", async () => {
    for (const data of "abc") rooms.keep(data);
    join({ epoch: "first", after: 2 });
    await connect();
    assert.deepEqual([shown, resets], [[[3, "c"]], 0]);
  });

  test("what was appended before the connection was there is sent then, in order, and shown once", async () => {
    join();
    const answers = Promise.all(["a", "b", "c"].map((data) => room.append(data)));
    assert.deepEqual(room.unsent.map(({ data, state }) => [data, state]), [["a", "pending"], ["b", "pending"], ["c", "pending"]]);
    await connect();
    await hears(...upTo(3).map((seq) => rooms.event(seq)));
    assert.deepEqual((await answers).map(({ ok, seq }) => [ok, seq]), [[true, 1], [true, 2], [true, 3]]);
    assert.deepEqual(shown, [[1, "a"], [2, "b"], [3, "c"]]);
    assert.deepEqual(room.unsent, []);
  });

  test("one is on its way at a time", async () => {
    join();
    await connect();
    let answer;
    rooms.answers = [() => new Promise((resolve) => (answer = resolve))];
    room.append("a");
    room.append("b");
    await settled();
    assert.deepEqual(appends(), ["a"]);
    answer({ ok: true, seq: 1 });
    await settled();
    assert.deepEqual(appends(), ["a", "b"]);
  });

  test("an entry whose answer was lost is sent again under its id, before the next, and kept once", async (t) => {
    join();
    await connect();
    rooms.answers = [() => Promise.reject(new Error("operation has timed out"))];
    const first = room.append("a");
    room.append("b");
    await settled();
    t.mock.timers.tick(500);
    await settled();
    assert.deepEqual(appends(), ["a", "a", "b"]);
    assert.deepEqual(rooms.log.map(({ data }) => data), ["a", "b"]);
    assert.match(rooms.log[0].id, /^[0-9a-f]{32}$/);
    assert.equal((await first).seq, 1);
  });

  test("an entry that is shown is acknowledged, even if the connection broke before its answer", async () => {
    join();
    await connect();
    rooms.answers = [() => new Promise(() => {})];
    const answer = room.append("a");
    await settled();
    await hears(rooms.event(1));
    assert.deepEqual(await answer, { ok: true, id: rooms.log[0].id, room: "tea", epoch: "first", seq: 1, at: 1000 });
    await breaks();
    await connect();
    assert.deepEqual(appends(), ["a"]);
    assert.deepEqual(shown, [[1, "a"]]);
  });

  test("a limit is waited out as long as the server says", async (t) => {
    join();
    await connect();
    rooms.answers = [{ ok: false, error: "rate_limited", detail: "", retry_after: 7 }];
    room.append("a");
    await settled();
    t.mock.timers.tick(6_999);
    await settled();
    assert.deepEqual(appends(), ["a"]);
    t.mock.timers.tick(1);
    await settled();
    assert.deepEqual(appends(), ["a", "a"]);
  });

  for (const error of ["invalid", "forbidden", "too_large", "id_taken"]) {
    test(`"${error}" is told and given up, and the next goes on`, async () => {
      join();
      await connect();
      rooms.answers = [{ ok: false, error, detail: "Why." }];
      const bad = room.append("bad");
      const good = room.append("good");
      assert.deepEqual(await bad, { ok: false, error, detail: "Why." });
      assert.equal((await good).ok, true);
      assert.deepEqual([refusals, room.unsent.map(({ data }) => data)], [[[error, "bad"]], ["good"]]);
      assert.deepEqual(appends(), ["bad", "good"]);
    });
  }

  test("what is forbidden for a time is sent again after it", async (t) => {
    join();
    await connect();
    rooms.answers = [{ ok: false, error: "forbidden", detail: "", retry_after: 20 }];
    const answer = room.append("a");
    await settled();
    assert.deepEqual(refusals, []);
    t.mock.timers.tick(20_000);
    assert.equal((await answer).ok, true);
  });

  test("a room that is refused is told once, and asked for again after the next connect", async (t) => {
    rooms.join = () => ({ ok: false, error: "forbidden", detail: "No." });
    join();
    await connect();
    t.mock.timers.tick(60_000);
    await settled();
    assert.deepEqual([refusals, joins().length], [[["forbidden", undefined]], 1]);
    await breaks();
    await connect();
    assert.equal(joins().length, 2);
  });

  test("a room that was left is neither joined again nor shown, and what was not sent is answered", async () => {
    join();
    const answer = room.append("a");
    room.leave();
    assert.equal((await answer).error, "closed");
    await connect();
    assert.deepEqual([rooms.asked, room.unsent], [[], []]);
    join();
    await settled();
    assert.equal(joins().length, 1);
  });

  for (const answer of [undefined, { ok: false, error: "forbidden", detail: "No." }]) {
    test(`a room that was left before its join was answered is not told: ${answer?.error ?? "joined"}`, async () => {
      rooms.keep("one");
      let arrive;
      const joined = answer ?? rooms.join({ room: "tea" });
      rooms.join = () => new Promise((resolve) => (arrive = () => resolve(joined)));
      join();
      await connect();
      room.leave();
      arrive();
      await settled();
      assert.deepEqual([shown, resets, refusals], [[], 0, []]);
    });
  }

  test("what was acknowledged in a log that was lost is not waited for", async () => {
    join();
    await connect();
    await room.append("a");
    assert.deepEqual(room.unsent.map(({ state }) => state), ["sent"]);
    await breaks();
    Object.assign(rooms, { epoch: "second", log: [] });
    await connect();
    assert.deepEqual([shown, room.unsent], [[], []]);
  });

  test("no room is joined twice at once", () => {
    join();
    assert.throws(join, /joined already/);
  });

  test("what was not acknowledged survives a reload in the storage, under the same id", async () => {
    const storage = new FakeStorage();
    begin({ storage, prefix: "ana/" });
    join();
    const closed = room.append("a");
    const [{ id }] = room.unsent;
    client.close();
    assert.equal((await closed).error, "closed");
    begin({ storage, prefix: "ana/" });
    join();
    await connect();
    assert.deepEqual(rooms.log.map(({ id, data }) => [id, data]), [[id, "a"]]);
    assert.equal(storage.length, 0);
  });

  test("a client that was closed does not come back", async (t) => {
    join();
    await connect();
    client.close();
    t.mock.timers.tick(60_000);
    assert.deepEqual([socket.connects, socket.connected], [1, false]);
  });
});
