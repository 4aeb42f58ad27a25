import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Timeline } from "../../../../web/static/js/model/timeline.js";
import { numbered, seqs } from "../fakes.mjs";

let timeline;
let told;

beforeEach(() => {
  timeline = new Timeline();
  told = [];
  for (const type of ["reset", "append", "prepend"]) {
    timeline.addEventListener(type, ({ detail }) => told.push([type, ...seqs(detail.messages)]));
  }
});

const start = (...numbers) => timeline.start({ epoch: "e", head: numbers.at(-1) ?? 0, messages: numbered(...numbers) });
const add = (...numbers) => numbered(...numbers).map((message) => timeline.add(message));

test("messages in order are shown as they come", () => {
  start(1, 2);
  add(3, 4);
  assert.deepEqual(told, [["reset", 1, 2], ["append", 3], ["append", 4]]);
  assert.equal(timeline.behind, false);
});

test("what lies beyond a hole waits until the hole is filled", () => {
  start(1);
  add(4, 3);
  assert.deepEqual(told, [["reset", 1]]);
  assert.equal(timeline.behind, true);
  timeline.extend(numbered(2));
  assert.deepEqual(told.at(-1), ["append", 2, 3, 4]);
  assert.equal(timeline.behind, false);
});

test("nothing is shown twice", () => {
  start(1, 2);
  assert.deepEqual(add(2, 1), [true, true]);
  add(3, 3);
  timeline.extend(numbered(2, 3, 4));
  assert.deepEqual(seqs(timeline.messages), [1, 2, 3, 4]);
});

test("what was heard before the first page is sorted in", () => {
  add(3, 2);
  assert.deepEqual(told, []);
  start(1, 2);
  assert.deepEqual(told, [["reset", 1, 2, 3]]);
});

test("a page that ends before the head leaves it behind", () => {
  start(1);
  timeline.extend(numbered(2, 3), 5);
  assert.equal(timeline.behind, true);
  timeline.extend(numbered(4, 5));
  assert.equal(timeline.behind, false);
});

test("numbers that the log itself leaves out are no hole", () => {
  start(1);
  timeline.extend(numbered(8, 9), 9);
  assert.deepEqual(seqs(timeline.messages), [1, 8, 9]);
  assert.equal(timeline.behind, false);
});

test("another message under a known number is of another log", () => {
  start(1, 2);
  const [message] = numbered(2);
  assert.equal(timeline.add({ ...message, id: "another" }), false);
  assert.deepEqual(seqs(timeline.messages), [1, 2]);
});

test("older pages come before, and whether there are more is known", () => {
  start(5, 6);
  assert.equal(timeline.hasOlder, true);
  timeline.prepend(numbered(3, 4), false);
  assert.deepEqual(seqs(timeline.messages), [3, 4, 5, 6]);
  assert.equal(timeline.low, 3);
  assert.equal(timeline.hasOlder, false);
});

test("a log that begins here has nothing older", () => {
  start(1, 2);
  assert.equal(timeline.hasOlder, false);
});

test("an empty room begins at its head", () => {
  timeline.start({ epoch: "e", head: 7, messages: [] });
  add(8);
  assert.deepEqual(seqs(timeline.messages), [8]);
});

test("what is forgotten beyond a hole is not waited for", () => {
  start(1);
  add(5);
  timeline.forgetWaiting();
  assert.equal(timeline.behind, false);
  add(2);
  assert.deepEqual(seqs(timeline.messages), [1, 2]);
});

test("what waited and then came with a page is neither shown again nor kept in the way", () => {
  start(1);
  for (let seq = 3; seq <= 502; seq++) add(seq);
  timeline.extend(numbered(...Array.from({ length: 600 }, (_, index) => index + 2)));
  add(603);
  assert.equal(timeline.high, 601);
  timeline.extend(numbered(602));
  assert.equal(timeline.high, 603, "603 found room to wait");
});

test("memory is bounded however much is heard beyond a hole, and it is known to be missing", () => {
  start(1);
  for (let seq = 3; seq < 2000; seq++) add(seq);
  timeline.extend(numbered(2));
  assert.equal(timeline.high, 502);
  assert.equal(timeline.behind, true);
});

const deletion = (seq, deletes) => ({ room: "lobby", epoch: "first", id: `deleted:${deletes}`, seq, at: seq, deletes });
const textOf = (seq) => timeline.messages.find((message) => message.seq === seq).text;

test("an entry that says so deletes a message in its place", () => {
  start(1, 2, 3);
  let erased = [];
  timeline.addEventListener("change", ({ detail }) => (erased = detail.messages.map(({ deletes }) => deletes)));
  assert.equal(timeline.add(deletion(4, 2)), true);
  assert.deepEqual(erased, [2]);
  assert.deepEqual(timeline.messages[1], { room: "lobby", epoch: "first", id: "id2", seq: 2, at: 2, author: { id: "a" }, deleted: true });
  assert.equal(timeline.high, 4);
  assert.deepEqual(told.at(-1), ["append", 4]);
});

test("a deletion that waits beyond a hole deletes what comes with it", () => {
  start(1);
  timeline.add(deletion(4, 3));
  add(3);
  timeline.extend(numbered(2));
  assert.deepEqual(told.at(-1), ["append", 2, 3, 4]);
  assert.equal(textOf(3), undefined);
  assert.equal(textOf(2), "2");
});

test("a deletion of what is not here is kept for what comes before", () => {
  start(5, 6);
  timeline.add(deletion(7, 2));
  timeline.prepend(numbered(1, 2, 3, 4), false);
  assert.equal(textOf(2), undefined);
  assert.equal(textOf(1), "1");
});

test("a deletion of a deletion does nothing", () => {
  start(1);
  timeline.add(deletion(2, 1));
  timeline.add(deletion(3, 2));
  assert.equal(timeline.messages[1].deleted, undefined);
});

test("an entry deletes several messages at once", () => {
  start(1, 2, 3);
  timeline.add(deletion(4, [1, 3]));
  assert.deepEqual([1, 2, 3].map(textOf), [undefined, "2", undefined]);
});
