import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Me } from "../../../../web/static/js/model/me.js";
import { ReadMarks } from "../../../../web/static/js/model/readmarks.js";
import { Rooms } from "../../../../web/static/js/model/rooms.js";
import { Store } from "../../../../web/static/js/model/store.js";
import { FakeConnection, numbered, settled } from "../fakes.mjs";

const HEADS = { lobby: 3, tea: 7 };

let you;
let connection;
let me;
let store;
let readMarks;
let rooms;
let said; // in a room, after what was asked for

beforeEach(() => {
  you = { id: "1", name: "Ana" };
  connection = new FakeConnection((event, details) => {
    if (event === "rooms") {
      return { ok: true, you, rooms: Object.entries(HEADS).map(([room, head]) => ({ room, epoch: "first", head })) };
    }
    return { ok: true, epoch: "first", head: HEADS[details.room] ?? 0, messages: said, more: false };
  });
  me = new Me(you);
  store = new Store(null, "1");
  readMarks = new ReadMarks(store);
  said = [];
  rooms = new Rooms(connection, me, store, readMarks);
});

const list = () => rooms.list.map(({ name, head }) => [name, head]);

async function comeUp() {
  connection.up();
  await settled();
}

test("the server knows which there are; those that were not opened are joined without what was said in them", async () => {
  await comeUp();
  assert.deepEqual(list(), [["lobby", 3], ["tea", 7]]);
  assert.deepEqual(connection.asked.at(-1), ["join", { room: "tea", after: 7, epoch: "first" }]);
  assert.equal(me.confirmed, true);
});

test("what one wrote on another device counts as read, with what came before it", async () => {
  readMarks.read("tea", "first", 2);
  said = numbered(3, 4, 5, 6, 7).map((message) => ({ ...message, author: { id: message.seq === 5 ? you.id : "b" } }));
  await comeUp();
  assert.deepEqual(connection.asked.at(-1), ["join", { room: "tea", after: 2, epoch: "first" }]);
  assert.equal(readMarks.unread("tea", "first", 7), 2);
});

test("what comes in a room that is not open is counted", async () => {
  await comeUp();
  connection.hears({ ...numbered(8)[0], room: "tea" });
  assert.deepEqual(list()[1], ["tea", 8]);
});

test("they are remembered, also while there is no connection", async () => {
  await comeUp();
  rooms.open("new");
  assert.deepEqual(new Rooms(new FakeConnection(), me, store, readMarks).list.map(({ name }) => name), ["lobby", "new", "tea"]);
});

test("an open room joins by itself, once", async () => {
  rooms.open("tea");
  await comeUp();
  const joins = connection.asked.filter(([event, details]) => event === "join" && details.room === "tea");
  assert.equal(joins.length, 1);
});

test("a room that was left is gone", async () => {
  await comeUp();
  assert.equal(await rooms.leave("tea"), true);
  assert.deepEqual(list(), [["lobby", 3]]);
});

// The answers to `leave` until the room is left or given up.
async function leaves(t, answers) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  await comeUp();
  connection.answer = () => answers.shift();
  const left = rooms.leave("tea");
  for (let pauses = 0; pauses < 10; pauses += 1) {
    await settled();
    t.mock.timers.tick(5_000);
  }
  return left;
}

test("a room is left though Redis is away for a moment", async (t) => {
  const unavailable = { ok: false, error: "unavailable" };
  assert.equal(await leaves(t, [unavailable, unavailable, { ok: true }]), true);
  assert.deepEqual(list(), [["lobby", 3]]);
});

test("a room that cannot be left stays in the list", async (t) => {
  assert.equal(await leaves(t, Array(5).fill({ ok: false, error: "unavailable" })), false);
  assert.deepEqual(list()[1], ["tea", 7]);
});

test("somebody else's answer is not taken when the page starts over", async () => {
  let stranger = 0;
  rooms.addEventListener("personchange", (event) => {
    stranger += 1;
    event.preventDefault();
  });
  you = { id: "2", name: "Ben" };
  await comeUp();
  assert.equal(stranger, 1);
  assert.equal(me.confirmed, false);
  assert.deepEqual(connection.asked, [["rooms"]]);
});

test("who is somebody else each time goes on as that", async () => {
  you = { id: "2", name: "Ben" };
  await comeUp();
  assert.deepEqual([me.id, me.confirmed], ["2", true]);
  assert.deepEqual(list()[1], ["tea", 7]);
});
