import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { Me } from "../../../../web/static/js/model/me.js";
import { MarkSender } from "../../../../web/static/js/model/marksender.js";
import { ReadMarks } from "../../../../web/static/js/model/readmarks.js";
import { Store } from "../../../../web/static/js/model/store.js";
import { FakeConnection, settled } from "../fakes.mjs";

let connection;
let me;
let rooms;
let readMarks;
let markSender;

describe("what was read is told to the server", () => {
  beforeEach((t) => {
    t.mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_000_000 });
    connection = new FakeConnection((event, { seq, epoch }) => ({ ok: true, epoch, read: seq }));
    connection.connected = true;
    me = new Me({ id: "1", name: "Ana" });
    me.confirmed = true;
    rooms = Object.assign(new EventTarget(), { joined: ["lobby", "tea"] });
    readMarks = new ReadMarks(new Store(null, "1"));
    markSender = new MarkSender(connection, me, rooms, readMarks);
  });

  const sent = () => connection.asked.map(([, { room, seq }]) => [room, seq]);

  test("a mark is told at once, and the next one of the room a second later", async (t) => {
    readMarks.read("lobby", "first", 1);
    await settled();
    for (const seq of [2, 3, 4]) readMarks.read("lobby", "first", seq);
    await settled();
    assert.deepEqual(sent(), [["lobby", 1]]);
    t.mock.timers.tick(1_000);
    await settled();
    assert.deepEqual(sent(), [["lobby", 1], ["lobby", 4]]);
    t.mock.timers.tick(10_000);
    await settled();
    assert.equal(sent().length, 2);
  });

  test("a page that is left does not wait, tells the last room first, and nothing twice", async (t) => {
    for (const room of rooms.joined) {
      readMarks.read(room, "first", 1);
      await settled();
      t.mock.timers.tick(100);
    }
    for (const room of rooms.joined) readMarks.read(room, "first", 2);
    markSender.tellNow();
    await settled();
    assert.deepEqual(sent().slice(2), [["tea", 2], ["lobby", 2]]);
    markSender.tellNow();
    t.mock.timers.tick(5_000);
    await settled();
    assert.equal(sent().length, 4);
  });

  test("a page that is left asks no server that wants no marks now", async () => {
    connection.answer = () => ({ ok: false, error: "rate_limited", retry_after: 1 });
    readMarks.read("lobby", "first", 1);
    await settled();
    markSender.tellNow();
    await settled();
    assert.deepEqual(sent(), [["lobby", 1]]);
  });

  test("one room does not wait for another", async () => {
    readMarks.read("lobby", "first", 1);
    await settled();
    readMarks.read("lobby", "first", 2);
    await settled();
    readMarks.read("tea", "first", 9);
    await settled();
    assert.deepEqual(sent(), [["lobby", 1], ["tea", 9]]);
  });

  for (const [name, keep] of [
    ["there is a connection", () => (connection.connected = false)],
    ["it is known whose the connection is", () => (me.confirmed = false)],
    ["the room is joined", () => (rooms.joined = [])],
  ]) {
    test(`a mark is told once ${name}`, async () => {
      keep();
      readMarks.read("lobby", "first", 1);
      await settled();
      assert.deepEqual(sent(), []);
      Object.assign(connection, { connected: true });
      Object.assign(me, { confirmed: true });
      Object.assign(rooms, { joined: ["lobby"] });
      rooms.dispatchEvent(new Event("change"));
      await settled();
      assert.deepEqual(sent(), [["lobby", 1]]);
    });
  }

  test("what was not kept is told again, after a while", async (t) => {
    connection.answer = () => ({ ok: false, error: "unavailable" });
    readMarks.read("lobby", "first", 1);
    await settled();
    readMarks.read("tea", "first", 1);
    await settled();
    assert.deepEqual(sent(), [["lobby", 1]]);
    connection.answer = (event, { seq, epoch }) => ({ ok: true, epoch, read: seq });
    for (let seconds = 0; seconds < 3; seconds += 1) {
      t.mock.timers.tick(1_000);
      await settled();
    }
    assert.deepEqual(sent(), [["lobby", 1], ["tea", 1], ["lobby", 1]]);
  });

  const not = (error) => ({ ok: false, error });
  for (const refusal of [not("not_joined"), not("invalid"), { ok: true, epoch: "another", read: 0 }]) {
    test(`a mark is not told again after ${JSON.stringify(refusal)}`, async (t) => {
      connection.answer = () => refusal;
      readMarks.read("lobby", "first", 1);
      for (let seconds = 0; seconds < 5; seconds += 1) {
        await settled();
        t.mock.timers.tick(1_000);
      }
      assert.deepEqual(sent(), [["lobby", 1]]);
    });
  }

  test("another device has read further", async () => {
    connection.answer = () => ({ ok: true, epoch: "first", read: 7 });
    readMarks.read("lobby", "first", 1);
    await settled();
    assert.equal(readMarks.upTo("lobby", "first"), 7);
  });

  test("a room that was seen empty has a log by now, of which nothing was read", async (t) => {
    connection.answer = (event, { seq }) => ({ ok: true, epoch: "first", read: seq });
    readMarks.begin("lobby", "", 0);
    await settled();
    assert.deepEqual(connection.asked.map(([, { epoch, seq }]) => [epoch, seq]), [["", 0], ["first", 0]]);
    t.mock.timers.tick(5_000);
    await settled();
    assert.equal(connection.asked.length, 2);
  });
});
