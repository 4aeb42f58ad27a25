import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { change, isMessage, kindOf, targetsOf } from "../../../../web/static/js/model/kinds.js";
import { ReadMarks } from "../../../../web/static/js/model/readmarks.js";
import { Rooms } from "../../../../web/static/js/model/rooms.js";
import { Me } from "../../../../web/static/js/model/me.js";
import { Store } from "../../../../web/static/js/model/store.js";
import { Timeline } from "../../../../web/static/js/model/timeline.js";
import { FakeConnection, numbered, seqs } from "../fakes.mjs";

const place = (seq) => ({ room: "lobby", epoch: "first", id: `id${seq}`, seq, at: seq });
const deletion = (seq, deletes) => ({ ...place(seq), deletes });
const ofTomorrow = (seq) => ({ ...place(seq), wonders: true });

let timeline;

beforeEach(() => {
  timeline = new Timeline();
  timeline.start({ epoch: "first", head: 2, entries: numbered(1, 2) });
});

test("an entry's kind is the field that only this kind has", () => {
  const [message] = numbered(1);
  assert.deepEqual([message, deletion(2, 1), ofTomorrow(3)].map(kindOf), ["text", "deletes", undefined]);
  assert.deepEqual([message, deletion(2, 1), ofTomorrow(3)].map(isMessage), [true, false, false]);
  assert.deepEqual([message, deletion(2, 1), deletion(5, [1, 3]), ofTomorrow(3)].map(targetsOf), [[], [1], [1, 3], []]);
});

test("a message that was deleted is a message still, without text and name", () => {
  const [message] = numbered(1);
  change(message, deletion(2, 1));
  assert.equal(kindOf(message), "deleted");
  assert.equal(isMessage(message), true);
  assert.deepEqual([message.text, message.author], [undefined, { id: "a" }]);
});

test("an entry of an unknown kind keeps its number, and changes nothing", () => {
  assert.equal(timeline.add(ofTomorrow(3)), true);
  timeline.add(numbered(4)[0]);
  assert.deepEqual([timeline.high, timeline.behind], [4, false]);
  assert.deepEqual(seqs(timeline.entries), [1, 2, 3, 4]);
  assert.deepEqual(timeline.entries.filter(isMessage).map(({ text }) => text), ["1", "2", "4"]);
});

for (const [name, entry] of [["a deletion", deletion(3, 1)], ["an unknown kind", ofTomorrow(3)]]) {
  test(`${name} is nothing to read, in a room that was read up to it`, () => {
    const store = new Store(null, "ana");
    const readMarks = new ReadMarks(store);
    const connection = new FakeConnection(() => ({ ok: false }));
    const rooms = new Rooms(connection, new Me({ id: "ana", name: "Ana" }), store, readMarks);
    const unread = () => rooms.list.map(({ name, epoch, head }) => readMarks.unread(name, epoch, head));
    connection.hears(numbered(2)[0]);
    readMarks.read("lobby", "first", 2);
    connection.hears(entry);
    assert.deepEqual(unread(), [0]);
    connection.hears(numbered(4)[0]);
    assert.deepEqual(unread(), [1]);
  });
}
