import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { change, isCounted, isMessage, kindOf, targetsOf } from "../../../../web/static/js/model/kinds.js";
import { Timeline } from "../../../../web/static/js/model/timeline.js";
import { numbered, seqs } from "../fakes.mjs";

const place = (seq) => ({ room: "lobby", epoch: "first", id: `id${seq}`, seq, at: seq });
const deletion = (seq, deletes) => ({ ...place(seq), deletes });
const ofTomorrow = (seq) => ({ ...place(seq), wonders: true });

let timeline;

describe("each kind of entry has its place in a timeline", () => {
  beforeEach(() => {
    timeline = new Timeline();
    timeline.start({ epoch: "first", head: 2, entries: numbered(1, 2) });
  });

  test("an entry's kind is the field that only this kind has", () => {
    const [message] = numbered(1);
    assert.deepEqual([message, deletion(2, 1), ofTomorrow(3)].map(kindOf), ["text", "deletes", undefined]);
    assert.deepEqual([message, deletion(2, 1), ofTomorrow(3)].map(isMessage), [true, false, false]);
    assert.deepEqual([message, deletion(2, 1), ofTomorrow(3)].map(isCounted), [true, false, false]);
    assert.deepEqual([message, deletion(2, 1), deletion(5, [1, 3]), ofTomorrow(3)].map(targetsOf), [[], [1], [1, 3], []]);
  });

  test("a message that was deleted is a message still, without text and name, and nothing to read", () => {
    const [message] = numbered(1);
    change(message, deletion(2, 1));
    assert.equal(kindOf(message), "deleted");
    assert.deepEqual([isMessage(message), isCounted(message)], [true, false]);
    assert.deepEqual([message.text, message.author], [undefined, { id: "a" }]);
  });

  test("an entry of an unknown kind keeps its number, and changes nothing", () => {
    assert.equal(timeline.add(ofTomorrow(3)), true);
    timeline.add(numbered(4)[0]);
    assert.deepEqual([timeline.high, timeline.behind], [4, false]);
    assert.deepEqual(seqs(timeline.entries), [1, 2, 3, 4]);
    assert.deepEqual(timeline.entries.filter(isMessage).map(({ text }) => text), ["1", "2", "4"]);
  });
});
