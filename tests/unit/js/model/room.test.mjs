import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { Descriptions } from "../../../../web/static/js/model/descriptions.js";
import { Room } from "../../../../web/static/js/model/room.js";
import { Store } from "../../../../web/static/js/model/store.js";
import { FakeConnection, numbered, seqs, settled } from "../fakes.mjs";

// A log as the server keeps it, and its answers.
class Log {
  epoch = "first";
  head = 0;
  refusal = null;

  answer(event, { after, before, epoch, limit = 200 }) {
    if (this.refusal) return this.refusal;
    const all = numbered(...Array.from({ length: this.head }, (_, index) => index + 1));
    if (event === "history" && before) {
      const older = all.filter(({ seq }) => seq < before);
      return { ok: true, epoch: this.epoch, messages: older.slice(-limit), more: older.length > limit };
    }
    const reset = after !== undefined && epoch !== undefined && epoch !== this.epoch;
    const messages = after === undefined || reset ? all.slice(-limit) : all.slice(after, after + limit);
    const where = { epoch: this.epoch, head: this.head };
    return { ok: true, messages, more: messages.length < all.length, ...where, ...(reset && { reset }) };
  }
}

let log;
let connection;
let room;

describe("a room is joined and followed", () => {
  beforeEach(() => {
    log = new Log();
    connection = new FakeConnection((event, details) => log.answer(event, details));
    room = new Room("lobby", connection, new Descriptions(new Store(null, "1")));
  });

  const known = () => seqs(room.timeline.entries);
  const upTo = (number) => Array.from({ length: number }, (_, index) => index + 1);

  async function comeUp() {
    connection.up();
    await settled();
  }

  test("live once connected, joined and complete", async () => {
    log.head = 3;
    assert.equal(room.live, false);
    await comeUp();
    assert.equal(room.live, true);
    assert.deepEqual(known(), [1, 2, 3]);
    connection.down();
    assert.equal(room.live, false);
  });

  test("catches up page by page after an absence", async () => {
    log.head = 1;
    await comeUp();
    connection.down();
    log.head = 1000;
    await comeUp();
    assert.deepEqual(known(), upTo(1000));
    assert.equal(connection.asked.length, 6, "two joins, four more pages");
    assert.equal(room.live, true);
  });

  test("fetches a hole, and shows nothing beyond it before", async () => {
    log.head = 1;
    await comeUp();
    log.head = 4;
    connection.hears(numbered(4)[0]);
    assert.deepEqual(known(), [1]);
    assert.equal(room.live, false);
    await settled();
    assert.deepEqual(known(), [1, 2, 3, 4]);
    assert.equal(room.live, true);
  });

  test("tries again, less and less often, while the server cannot answer, and says so", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    log.refusal = { ok: false, error: "unavailable", detail: "" };
    await comeUp();
    assert.equal(room.problem.error, "unavailable");
    t.mock.timers.tick(500);
    await settled();
    assert.equal(connection.asked.length, 2);
    log.refusal = null;
    t.mock.timers.tick(1000);
    await settled();
    assert.equal(room.live, true);
    assert.equal(room.problem, null);
  });

  test("starts over when the log is another one", async () => {
    log.head = 5;
    await comeUp();
    connection.down();
    Object.assign(log, { epoch: "second", head: 2 });
    await comeUp();
    assert.deepEqual(known(), [1, 2]);
    assert.equal(room.timeline.epoch, "second");
    assert.equal(room.live, true);
  });

  test("starts over when a message names another epoch", async () => {
    log.head = 5;
    await comeUp();
    Object.assign(log, { epoch: "second", head: 1 });
    connection.hears({ ...numbered(1)[0], epoch: "second" });
    await settled();
    assert.deepEqual(known(), [1]);
  });

  test("shows nothing of a log that was purged while it was away", async () => {
    log.head = 5;
    await comeUp();
    connection.down();
    Object.assign(log, { epoch: "", head: 0 });
    await comeUp();
    assert.deepEqual(known(), []);
    assert.equal(room.live, true);
    Object.assign(log, { epoch: "second", head: 1 });
    connection.hears({ ...numbered(1)[0], epoch: "second" });
    await settled();
    assert.deepEqual(known(), [1]);
  });

  test("an empty log gets its epoch with its first message, and is the same log after it", async () => {
    log.epoch = "";
    await comeUp();
    Object.assign(log, { epoch: "first", head: 1 });
    connection.hears(numbered(1)[0]);
    let resets = 0;
    room.timeline.addEventListener("reset", () => (resets += 1));
    connection.down();
    await comeUp();
    assert.deepEqual(known(), [1]);
    assert.equal(resets, 0);
  });

  test("starts over when another message has a known number", async () => {
    log.head = 5;
    await comeUp();
    Object.assign(log, { epoch: "second", head: 2 });
    connection.hears({ ...numbered(2)[0], id: "another" });
    await settled();
    assert.deepEqual(known(), [1, 2]);
  });

  test("asks where the log stands when it has nothing where something was announced", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    log.head = 5;
    await comeUp();
    connection.hears(numbered(900)[0]);
    await settled();
    t.mock.timers.tick(500);
    await settled();
    assert.equal(connection.asked.at(-1)[0], "join");
    assert.equal(room.live, true);
  });

  test("what is said in other rooms is not for this one", async () => {
    await comeUp();
    connection.hears({ ...numbered(1)[0], room: "kitchen" });
    assert.deepEqual(known(), []);
  });

  test("loads one older page at each wish, down to the first", async () => {
    log.head = 320;
    await comeUp();
    assert.equal(room.timeline.low, 121);
    for (const low of [21, 1, 1]) {
      room.wantOlder();
      await settled();
      assert.equal(room.timeline.low, low);
    }
    assert.deepEqual(known(), upTo(320));
    assert.equal(connection.asked.length, 3);
  });

  test("begins at the newest instead of waiting for thousands that were missed", async () => {
    log.head = 1;
    await comeUp();
    connection.down();
    log.head = 5000;
    await comeUp();
    assert.deepEqual(known().length, 200);
    assert.equal(known().at(-1), 5000);
    assert.equal(room.live, true);
  });

  test("a room that may not be entered is not asked for again, and says why", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    log.refusal = { ok: false, error: "limit", detail: "Too many rooms." };
    await comeUp();
    t.mock.timers.tick(60_000);
    await settled();
    assert.equal(connection.asked.length, 1);
    assert.equal(room.problem.detail, "Too many rooms.");
  });

  test("knows who is there", async () => {
    await comeUp();
    connection.dispatchEvent(new CustomEvent("presence", { detail: { room: "lobby", count: 1, joined: [{ id: "a", name: "Ana" }] } }));
    connection.dispatchEvent(new CustomEvent("presence", { detail: { room: "kitchen", count: 9 } }));
    assert.equal(room.people.count, 1);
  });

  test("a room that was left hears nothing more", async () => {
    await comeUp();
    room.close();
    connection.up();
    await settled();
    assert.equal(connection.asked.length, 1);
  });
});
