import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { Timeline } from "../../../../web/static/js/model/timeline.js";
import { numbered, seqs } from "../fakes.mjs";

let timeline;
let told;

describe("a timeline holds the messages of a room", () => {
  beforeEach(() => {
    timeline = new Timeline();
    told = [];
    for (const type of ["reset", "append", "prepend"]) {
      timeline.addEventListener(type, ({ detail }) => told.push([type, ...seqs(detail.entries)]));
    }
  });

  const start = (...numbers) => timeline.start({ epoch: "e", head: numbers.at(-1) ?? 0, entries: numbered(...numbers) });
  const add = (...numbers) => numbered(...numbers).map((message) => timeline.add(message));

  test("older pages come before, and whether there are more is known", () => {
    start(5, 6);
    assert.equal(timeline.hasOlder, true);
    timeline.prepend(numbered(3, 4), false);
    assert.deepEqual(seqs(timeline.entries), [3, 4, 5, 6]);
    assert.equal(timeline.low, 3);
    assert.equal(timeline.hasOlder, false);
  });

  test("a log that begins here has nothing older", () => {
    start(1, 2);
    assert.equal(timeline.hasOlder, false);
  });

  const deletion = (seq, deletes) => ({ room: "lobby", epoch: "first", id: `deleted:${deletes}`, seq, at: seq, deletes });
  const textOf = (seq) => timeline.entries.find((message) => message.seq === seq).text;

  test("an entry that says so deletes a message in its place", () => {
    start(1, 2, 3);
    let erased = [];
    timeline.addEventListener("change", ({ detail }) => (erased = detail.entries.map(({ deletes }) => deletes)));
    assert.equal(timeline.add(deletion(4, 2)), true);
    assert.deepEqual(erased, [2]);
    assert.deepEqual(timeline.entries[1], { room: "lobby", epoch: "first", id: "id2", seq: 2, at: 2, author: { id: "a" }, deleted: true });
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
    assert.equal(timeline.entries[1].deleted, undefined);
  });

  test("an entry deletes several messages at once", () => {
    start(1, 2, 3);
    timeline.add(deletion(4, [1, 3]));
    assert.deepEqual([1, 2, 3].map(textOf), [undefined, "2", undefined]);
  });

  test("an entry that says so takes the names of those who wrote, and leaves their texts", () => {
    const made = { id: "made:1", room: "lobby", epoch: "first", seq: 1, at: 1, made: "private", author: { id: "2", name: "Ben" } };
    timeline.start({ epoch: "e", head: 3, entries: [made, ...numbered(2, 3)] });
    const [, , other] = timeline.entries.map(({ author }) => author);
    timeline.extend([{ room: "lobby", epoch: "first", id: "erased:1-2", seq: 4, at: 4, erases: [1, 2] }]);
    assert.deepEqual(timeline.at(1).author, { id: "2", name: "" });
    assert.equal(timeline.at(2).author.name, "");
    assert.equal(textOf(2), numbered(2)[0].text);
    assert.deepEqual(timeline.at(3).author, other);
  });
});
