import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { Timeline } from "../../../../web/static/js/model/timeline.js";
import { numbered } from "../fakes.mjs";

const me = { id: "me", name: "Mia" };
const ben = { id: "b", name: "Ben" };
const reaction = (seq, reacts, emoji, on, count, author = ben) => ({ room: "lobby", epoch: "first", id: `id${seq}`, seq, at: seq, reacts, emoji, on, count, author });

let timeline;
const of = (seq) => (timeline.at(seq).reactions ?? []).map(({ emoji, count, mine }) => `${emoji}${count}${mine ? " mine" : ""}`);

describe("a timeline follows reactions", () => {
  beforeEach(() => {
    timeline = new Timeline(me);
    timeline.start({ epoch: "first", head: 2, entries: numbered(1, 2) });
  });

  test("a reaction sets how many there are of its emoji, and whether one is mine", () => {
    timeline.add(reaction(3, 1, "👍", true, 1));
    timeline.add(reaction(4, 1, "🎉", true, 1, me));
    timeline.add(reaction(5, 1, "👍", true, 2, me));
    assert.deepEqual(of(1), ["👍2 mine", "🎉1 mine"]);
    timeline.add(reaction(6, 1, "👍", false, 1, ben));
    assert.deepEqual(of(1), ["👍1 mine", "🎉1 mine"]);
    timeline.add(reaction(7, 1, "👍", false, 0, me));
    assert.deepEqual(of(1), ["🎉1 mine"]);
    assert.deepEqual(of(2), []);
  });

  test("they stand in the order in which they came, and one that is gone comes last when it is back", () => {
    timeline.add(reaction(3, 1, "👍", true, 1));
    timeline.add(reaction(4, 1, "🎉", true, 1));
    timeline.add(reaction(5, 1, "👍", false, 0));
    timeline.add(reaction(6, 1, "👍", true, 1));
    assert.deepEqual(of(1), ["🎉1", "👍1"]);
  });

  test("reactions that a page has stand before those that come later", () => {
    const [message] = numbered(1);
    timeline.start({ epoch: "first", head: 2, entries: [{ ...message, reactions: [{ emoji: "👍", count: 3, since: 2, mine: true }] }, reaction(2, 1, "👍", true, 3, me)] });
    timeline.add(reaction(3, 1, "🎉", true, 1));
    timeline.add(reaction(4, 1, "👍", true, 4));
    assert.deepEqual(of(1), ["👍4 mine", "🎉1"]);
  });

  test("folding the same again over an older page changes nothing", () => {
    timeline.start({ epoch: "first", head: 5, entries: [...numbered(3), reaction(4, 1, "👍", true, 1), reaction(5, 1, "👍", true, 2, me)] });
    const [message] = numbered(1);
    timeline.prepend([{ ...message, reactions: [{ emoji: "👍", count: 2, since: 4, mine: true }] }, ...numbered(2)], false);
    assert.deepEqual(of(1), ["👍2 mine"]);
    assert.equal(timeline.at(1).reactions[0].since, 4);
  });

  test("a deleted message, and what is no message, has no reactions", () => {
    timeline.add({ room: "lobby", epoch: "first", id: "d", seq: 3, at: 3, deletes: 1 });
    timeline.add(reaction(4, 1, "👍", true, 1));
    timeline.add(reaction(5, 4, "👍", true, 1));
    assert.deepEqual([timeline.at(1).reactions, timeline.at(4).reactions], [undefined, undefined]);
  });
});
