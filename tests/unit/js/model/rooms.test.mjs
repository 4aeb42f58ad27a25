import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { Descriptions } from "../../../../web/static/js/model/descriptions.js";
import { Levels } from "../../../../web/static/js/model/levels.js";
import { Me } from "../../../../web/static/js/model/me.js";
import { ReadMarks } from "../../../../web/static/js/model/readmarks.js";
import { RoomMaker } from "../../../../web/static/js/model/roommaker.js";
import { Rooms } from "../../../../web/static/js/model/rooms.js";
import { Store } from "../../../../web/static/js/model/store.js";
import { UnreadCounts } from "../../../../web/static/js/model/unreadcounts.js";
import { FakeConnection, numbered, settled } from "../fakes.mjs";

const HEADS = { lobby: 3, tea: 7 };
const PLANS = `p-${"a".repeat(26)}`;

let you;
let connection;
let me;
let store;
let readMarks;
let descriptions;
let counts;
let levels;
let kept; // what the server knows of a room besides
let rooms;
let gone; // what the rooms said of those that the person is no longer in
let closed; // rooms that the server does not let this person see
let said; // in a room, after what was asked for

const about = ([room, head]) => ({ room, epoch: "first", head, level: "all", ...kept[room] });

describe("the page has several rooms", () => {
  beforeEach(() => {
    you = { id: "1", name: "Ana" };
    connection = new FakeConnection((event, details) => {
      if (event === "rooms") {
        return { ok: true, you, rooms: Object.entries(HEADS).map(about) };
      }
      if (closed.has(details.room)) return { ok: false, error: "no_such_room" };
      return { ok: true, epoch: "first", head: HEADS[details.room] ?? 0, messages: said, more: false };
    });
    me = new Me(you);
    store = new Store(null, "1");
    readMarks = new ReadMarks(store);
    counts = new UnreadCounts(me, readMarks);
    levels = new Levels(connection);
    kept = {};
    said = [];
    descriptions = new Descriptions(store);
    closed = new Set();
    rooms = roomsOf(connection);
    gone = [];
    rooms.addEventListener("gone", ({ detail: { room, lost, about } }) => gone.push([room, lost, about.title]));
  });

  const roomsOf = (connection) => new Rooms(connection, me, store, { readMarks, counts, levels, descriptions });
  const happens = (event, detail) => connection.dispatchEvent(new CustomEvent(event, { detail }));

  function unread(wanted) {
    const { name, epoch, head } = rooms.list.find(({ name }) => name === wanted);
    return counts.of(name, epoch, head);
  }

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
    assert.deepEqual(unread("tea"), { messages: 2, mentions: 0 });
  });

  test("what comes in a room that is not open is counted", async () => {
    await comeUp();
    connection.hears({ ...numbered(8)[0], room: "tea" });
    assert.deepEqual(list()[1], ["tea", 8]);
    assert.deepEqual(unread("tea"), { messages: 1, mentions: 0 });
  });

  test("they are remembered, also while there is no connection", async () => {
    await comeUp();
    rooms.open("new");
    assert.deepEqual(roomsOf(new FakeConnection()).list.map(({ name }) => name), ["lobby", "new", "tea"]);
  });

  test("what was read on another device is read here", async () => {
    readMarks.read("tea", "first", 2);
    kept.tea = { read: 6, level: "mentions" };
    said = numbered(7);
    await comeUp();
    assert.deepEqual(connection.asked.at(-1), ["join", { room: "tea", after: 6, epoch: "first" }]);
    assert.deepEqual([unread("tea"), levels.of("tea")], [{ messages: 1, mentions: 0 }, "mentions"]);
    connection.dispatchEvent(new CustomEvent("read", { detail: { room: "tea", epoch: "first", read: 7 } }));
    assert.equal(unread("tea").messages, 0);
  });

  test("a mark of a log that is gone is not taken", async () => {
    await comeUp();
    connection.dispatchEvent(new CustomEvent("read", { detail: { room: "tea", epoch: "another", read: 99 } }));
    assert.equal(readMarks.upTo("tea", "first"), 7);
  });

  test("a room that was emptied has nothing to read, and all that is written then is", async () => {
    await comeUp();
    connection.dispatchEvent(new CustomEvent("purged", { detail: { room: "tea" } }));
    assert.equal(unread("tea").messages, 0);
    connection.hears({ ...numbered(1)[0], room: "tea", epoch: "second" });
    assert.equal(unread("tea").messages, 1);
  });

  for (const [count, share] of [[1, 100], [40, 50], [99, 20]]) {
    test(`of ${count} rooms with very much to read, ${share} messages of each are read`, async () => {
      const all = Array.from({ length: count }, (_, number) => ({ ...about([`room-${number}`, 500]), read: 1 }));
      const after = (seq) => numbered(...Array.from({ length: 500 - seq }, (_, index) => seq + index + 1));
      connection.answer = (event, asked) =>
        event === "rooms" ? { ok: true, you, rooms: all } : { ok: true, epoch: "first", head: 500, messages: after(asked.after), more: false };
      await comeUp();
      const joins = connection.asked.filter(([event]) => event === "join");
      assert.equal(joins.length, count);
      assert.equal(500 - joins[0][1].after, share);
      assert.equal(unread("room-0").messages, 499);
    });
  }

  test("after a reconnect only what came meanwhile is read", async () => {
    kept.tea = { read: 2 };
    said = numbered(3, 4, 5, 6, 7);
    await comeUp();
    connection.down();
    said = [];
    await comeUp();
    assert.deepEqual(connection.asked.at(-1), ["join", { room: "tea", after: 7, epoch: "first" }]);
    assert.equal(unread("tea").messages, 5);
  });

  test("it says which rooms the connection is in", async () => {
    assert.deepEqual(rooms.joined, []);
    rooms.open("lobby");
    await comeUp();
    assert.deepEqual(rooms.joined, ["lobby", "tea"]);
    connection.down();
    assert.deepEqual(rooms.joined, []);
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

  async function isInvited() {
    happens("invited", { room: PLANS, about: { kind: "private", title: "Plans", topic: "" }, by: { id: "b", name: "Ben" } });
    await settled();
  }

  test("a room that somebody lets one into is in the list, and all that is written there is unread", async () => {
    await comeUp();
    await isInvited();
    assert.deepEqual(connection.asked.at(-1)[1].room, PLANS, "it is joined");
    assert.equal(descriptions.of(PLANS).title, "Plans");
    connection.hears({ ...numbered(2)[0], room: PLANS });
    assert.equal(unread(PLANS).messages, 1, "but for the entry with which the room begins");
  });

  test("a room that one is put out of is gone at once, also if it is open", async () => {
    await comeUp();
    await isInvited();
    said = numbered(1);
    const room = rooms.open(PLANS);
    await settled();
    assert.equal(room.live, true);
    closed.add(PLANS);
    happens("removed", { room: PLANS });
    assert.deepEqual(gone, [[PLANS, true, "Plans"]]);
    assert.deepEqual(room.timeline.entries, []);
    await settled();
    assert.deepEqual([room.missing, room.live], [true, false]);
    assert.deepEqual(list(), [["lobby", 3], ["tea", 7]]);
    assert.equal(gone.length, 1, "it is said once");
  });

  test("who is let in again is in the same room again", async () => {
    await comeUp();
    await isInvited();
    const room = rooms.open(PLANS);
    closed.add(PLANS);
    happens("removed", { room: PLANS });
    await settled();
    closed.clear();
    await isInvited();
    assert.deepEqual([room.missing, room.live], [false, true]);
    assert.equal(rooms.list.length, 3);
  });

  test("who was put out while away learns it when they are back", async () => {
    store.set("rooms", [PLANS]);
    rooms = roomsOf(connection);
    rooms.addEventListener("gone", ({ detail: { room } }) => gone.push(room));
    closed.add(PLANS);
    await comeUp();
    assert.deepEqual(gone, [PLANS]);
    assert.equal(rooms.list.length, 2);
  });

  test("the list of rooms is a hint: a private room that it lacks is asked for, and stays", async () => {
    store.set("rooms", [PLANS]);
    rooms = roomsOf(connection);
    await comeUp();
    assert.deepEqual(rooms.list.map(({ name }) => name), ["lobby", PLANS, "tea"]);
  });

  test("an address that was guessed is in no list", async () => {
    await comeUp();
    closed.add(PLANS);
    const room = rooms.open(PLANS);
    assert.equal(rooms.list.length, 2, "nor before the server has answered");
    await settled();
    assert.equal(room.missing, true);
    assert.deepEqual([rooms.list.length, gone.length], [2, 0]);
  });

  test("a private room is in the list once it was opened by its address", async () => {
    await comeUp();
    rooms.open(PLANS);
    await settled();
    assert.deepEqual(rooms.list.map(({ name }) => name), ["lobby", PLANS, "tea"]);
  });

  test("what a room is called changes for those who are in it", async () => {
    await comeUp();
    await isInvited();
    happens("described", { room: PLANS, title: "Pläne", topic: "Spring" });
    assert.deepEqual(descriptions.of(PLANS), { kind: "private", title: "Pläne", topic: "Spring" });
  });

  test("a room that was left leaves no messages behind to be kept", async () => {
    await comeUp();
    said = numbered(6, 7);
    const room = rooms.open("tea");
    await settled();
    await rooms.leave("tea");
    assert.deepEqual([room.timeline.epoch, room.timeline.entries], [null, []]);
    assert.deepEqual(gone, [["tea", false, ""]]);
  });

  test("a room is made once, however often one has to ask for it", async () => {
    await comeUp();
    const about = { kind: "private", title: "Plans" };
    const maker = new RoomMaker(connection, rooms);
    connection.answer = () => ({ ok: false, error: "unanswered" });
    await maker.make(about);
    connection.answer = () => ({ ok: true, room: PLANS, about: { ...about, topic: "", maker: true }, epoch: "first", head: 1, messages: [] });
    assert.equal((await maker.make(about)).room, PLANS);
    assert.equal(descriptions.of(PLANS).maker, true);
    await maker.make(about);
    const ids = connection.asked.filter(([event]) => event === "create").map(([, { id }]) => id);
    assert.equal(ids[0], ids[1]);
    assert.notEqual(ids[1], ids[2], "another of the same title");
  });

  test("people are known by what they wrote, by a conversation, or because they are here", async () => {
    const wrote = (seq, author) => ({ id: `${seq}`, room: "lobby", seq, at: seq, author, text: "hello" });
    const { text, ...emptied } = wrote(3, { id: "d" });
    said = [wrote(1, { id: "b", name: "Ben" }), wrote(2, { id: "c", name: "Cem" }), { ...emptied, deleted: true }];
    const room = rooms.open("lobby");
    await comeUp();
    room.people.update({ count: 30, people: [{ id: "c", name: "Cem again" }] });
    happens("invited", { room: `d-${"a".repeat(26)}`, about: { kind: "direct", title: "", topic: "", others: [{ id: "e", name: "Eva" }] } });
    assert.deepEqual(rooms.known.map(({ name }) => name), ["Ben", "Cem again", "Eva"]);
    assert.deepEqual(rooms.around.map(({ name }) => name), ["Cem again"]);
  });
});
