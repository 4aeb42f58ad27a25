import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { Me } from "../../../../web/static/js/model/me.js";
import { ReadMarks } from "../../../../web/static/js/model/readmarks.js";
import { Store } from "../../../../web/static/js/model/store.js";
import { UnreadCounts } from "../../../../web/static/js/model/unreadcounts.js";
import { numbered } from "../fakes.mjs";

const deletion = (seq, deletes) => ({ room: "lobby", epoch: "first", id: `id${seq}`, seq, at: seq, deletes });

let readMarks;
let counts;

describe("unread messages are counted", () => {
  beforeEach(() => {
    readMarks = new ReadMarks(new Store(null, "1"));
    counts = new UnreadCounts(new Me({ id: "1", name: "Ana" }), readMarks);
    readMarks.begin("lobby", "first", 10);
  });

  const take = (...entries) => entries.forEach((entry) => counts.take("lobby", "first", [entry], entry.seq - 1, entry.seq));
  const page = (from, to, ...entries) => counts.take("lobby", "first", entries, from, to);
  const of = (head) => counts.of("lobby", "first", head);

  test("messages after the mark are unread, until they are read", () => {
    take(...numbered(11, 12, 13));
    assert.deepEqual(of(13), { messages: 3, mentions: 0 });
    readMarks.read("lobby", "first", 12);
    assert.deepEqual(of(13), { messages: 1, mentions: 0 });
    readMarks.read("lobby", "first", 13);
    assert.deepEqual(of(13), { messages: 0, mentions: 0 });
  });

  test("one's own messages are not, nor what is no message", () => {
    const [theirs, mine] = numbered(11, 12);
    take(theirs, { ...mine, author: { id: "1", name: "Ana" } }, deletion(13, 9), { ...place(14), wonders: true });
    assert.deepEqual(of(14), { messages: 1, mentions: 0 });
  });

  const place = (seq) => ({ room: "lobby", epoch: "first", id: `id${seq}`, seq, at: seq });

  test("a message that is deleted before it was read is no more", () => {
    take(...numbered(11), { ...numbered(12)[0], text: "ana!" }, deletion(13, [11, 12]));
    assert.deepEqual(of(13), { messages: 0, mentions: 0 });
    page(10, 14, { ...place(14), deleted: true, author: { id: "b" } });
    assert.deepEqual(of(14), { messages: 0, mentions: 0 });
  });

  test("those that mention the person are counted apart", () => {
    take(...numbered(11), { ...numbered(12)[0], text: "What does Ana say?" });
    assert.deepEqual(of(12), { messages: 2, mentions: 1 });
  });

  test("nothing is unread in a room that was never seen", () => {
    assert.deepEqual(counts.of("tea", "first", 500), { messages: 0, mentions: 0 });
  });

  test("what is not known yet is taken for messages", () => {
    assert.deepEqual(of(13), { messages: 3, mentions: 0 });
    page(15, 17, ...numbered(16), deletion(17, 16));
    assert.deepEqual(of(17), { messages: 5, mentions: 0 });
    page(10, 15, ...numbered(11), deletion(12, 3), deletion(13, 4), deletion(14, 5), deletion(15, 6));
    assert.deepEqual(of(17), { messages: 1, mentions: 0 });
  });

  test("an entry that comes twice counts once", () => {
    take(...numbered(11, 12));
    page(10, 12, ...numbered(11, 12));
    assert.deepEqual(of(12), { messages: 2, mentions: 0 });
  });

  test("after a gap it begins with what is newer", () => {
    take(...numbered(11));
    page(400, 402, ...numbered(401, 402));
    assert.deepEqual(of(402), { messages: 392, mentions: 0 });
    page(300, 302, ...numbered(301, 302));
    assert.deepEqual(of(402), { messages: 392, mentions: 0 });
  });

  test("of very many, the number stays right, and a mention is not forgotten", () => {
    take({ ...numbered(11)[0], text: "Ana?" }, ...numbered(...Array.from({ length: 500 }, (_, index) => index + 12)));
    assert.deepEqual(of(511), { messages: 501, mentions: 1 });
  });

  test("another log is counted anew", () => {
    take(...numbered(11));
    readMarks.begin("lobby", "second", 0);
    counts.take("lobby", "second", numbered(1, 2), 0, 2);
    assert.deepEqual(counts.of("lobby", "second", 2), { messages: 2, mentions: 0 });
    assert.equal(counts.upTo("lobby", "first"), 0);
  });

  test("what somebody wrote whose name was erased is as unread as before", () => {
    take(...numbered(11, 12), { room: "lobby", epoch: "first", id: "id13", seq: 13, at: 13, erases: [11, 12] });
    assert.deepEqual(of(13), { messages: 2, mentions: 0 });
  });
});
