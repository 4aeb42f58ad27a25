import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { Timeline } from "../../../../web/static/js/relay/timeline.js";
import { numbered, seqs } from "../fakes.mjs";

let timeline;
let told;

describe("a timeline puts entries in order", () => {
  beforeEach(() => {
    timeline = new Timeline();
    told = [];
    for (const type of ["reset", "append"]) {
      timeline.addEventListener(type, ({ detail }) => told.push([type, ...seqs(detail.entries)]));
    }
  });

  const start = (...numbers) => timeline.start({ epoch: "e", head: numbers.at(-1) ?? 0, entries: numbered(...numbers) });
  const add = (...numbers) => numbered(...numbers).map((message) => timeline.add(message));

  test("entries in order are shown as they come", () => {
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
    assert.deepEqual(seqs(timeline.entries), [1, 2, 3, 4]);
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
    assert.deepEqual(seqs(timeline.entries), [1, 8, 9]);
    assert.equal(timeline.behind, false);
  });

  test("another entry under a known number is of another log", () => {
    start(1, 2);
    const [message] = numbered(2);
    assert.equal(timeline.add({ ...message, id: "another" }), false);
    assert.deepEqual(seqs(timeline.entries), [1, 2]);
  });

  test("an empty room begins at its head", () => {
    timeline.start({ epoch: "e", head: 7, entries: [] });
    add(8);
    assert.deepEqual(seqs(timeline.entries), [8]);
  });

  test("what is forgotten beyond a hole is not waited for", () => {
    start(1);
    add(5);
    timeline.forgetWaiting();
    assert.equal(timeline.behind, false);
    add(2);
    assert.deepEqual(seqs(timeline.entries), [1, 2]);
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

  test("goes on after a number that was shown before", () => {
    timeline.resume("e", 7);
    assert.deepEqual(add(7, 8), [false, true], "nobody knows here which 7 was shown");
    assert.deepEqual(told, [["append", 8]]);
    assert.deepEqual([timeline.high, timeline.behind], [8, false]);
  });

  test("only the last entries stay in memory where a bound is set, and all are told", () => {
    timeline = new Timeline({ keep: 2 });
    timeline.addEventListener("append", ({ detail }) => told.push(...seqs(detail.entries)));
    start(1);
    timeline.extend(numbered(2, 3, 4));
    assert.deepEqual([seqs(timeline.entries), told], [[3, 4], [2, 3, 4]]);
  });
});
