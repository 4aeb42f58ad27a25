import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { isCounted, isMessage, kindOf } from "../../../../web/static/js/model/kinds.js";
import { Timeline } from "../../../../web/static/js/model/timeline.js";
import { numbered } from "../fakes.mjs";

const author = { id: "a", name: "Ada" };
const ben = { id: "b", name: "Ben" };
const edit = (seq, edits, text, now = {}) => ({ room: "lobby", epoch: "first", id: `id${seq}`, seq, at: seq, edits, now: { text, ...now }, author });
const deletion = (seq, deletes) => ({ room: "lobby", epoch: "first", id: `id${seq}`, seq, at: seq, deletes });

let timeline;
let changed;

describe("a timeline follows edits", () => {
  beforeEach(() => {
    timeline = new Timeline();
    changed = [];
    timeline.addEventListener("change", ({ detail }) => changed.push(...detail.entries.map(({ seq }) => seq)));
    timeline.start({ epoch: "first", head: 2, entries: numbered(1, 2) });
  });

  test("an edit is no message", () => {
    const entry = edit(3, 1, "better");
    assert.deepEqual([kindOf(entry), isMessage(entry), isCounted(entry)], ["edits", false, false]);
  });

  test("an edit gives its message a new text, and those whom it names", () => {
    timeline.at(1).mentions = [ben];
    timeline.add(edit(3, 1, "better, @Ada", { mentions: [author] }));
    assert.deepEqual([timeline.at(1).text, timeline.at(1).edited, timeline.at(1).mentions], ["better, @Ada", 3, [author]]);
    timeline.add(edit(4, 1, "best"));
    assert.deepEqual([timeline.at(1).text, timeline.at(1).edited, timeline.at(1).mentions], ["best", 4, undefined]);
    assert.deepEqual(changed, [3, 4]);
    assert.equal(timeline.at(2).text, "2");
  });

  test("of an edit that another one has overtaken no text stays", () => {
    timeline.add(edit(3, 1, "better", { mentions: [author] }));
    timeline.add(edit(4, 1, "best"));
    assert.deepEqual([timeline.at(3).now, timeline.at(3).superseded], [undefined, true]);
    assert.equal(timeline.at(4).now.text, "best");
  });

  test("a message names everybody as long as its text does", () => {
    timeline.at(1).here = true;
    timeline.add(edit(3, 1, "still @here"));
    assert.equal(timeline.at(1).here, true);
    timeline.add(edit(4, 1, "nobody"));
    assert.equal(timeline.at(1).here, undefined);
  });

  test("a name that is erased is gone from replies as well", () => {
    timeline.at(2).reply = { seq: 1, id: "id1", author };
    timeline.add({ room: "lobby", epoch: "first", id: "erased", seq: 3, at: 3, erases: [1] });
    assert.deepEqual(timeline.at(2).reply.author, { id: "a", name: "" });
    assert.equal(timeline.at(2).author.name, "Ada");
  });

  test("a deletion takes the text of the edit with that of the message, and all that was shown with it", () => {
    Object.assign(timeline.at(1), { reply: { seq: 7, id: "id7", author: ben }, here: true, reactions: [{ emoji: "👍", count: 1, since: 2 }] });
    timeline.add(edit(3, 1, "better"));
    timeline.add(deletion(4, 1));
    assert.equal(timeline.at(3).now, undefined);
    assert.deepEqual(timeline.at(1), { room: "lobby", epoch: "first", id: "id1", seq: 1, at: 1, author: { id: "a" }, deleted: true });
  });

  test("an edit of a deleted message, an overtaken one, and one of what is no message change nothing", () => {
    timeline.add(deletion(3, 1));
    timeline.add(edit(4, 1, "back again"));
    const { now, ...overtaken } = edit(5, 2, "better");
    timeline.add({ ...overtaken, superseded: true });
    timeline.add(edit(6, 4, "an edit of an edit"));
    assert.equal(timeline.at(1).text, undefined);
    assert.deepEqual([timeline.at(2).text, timeline.at(2).edited], ["2", undefined]);
    assert.equal(timeline.at(4).now.text, "back again");
  });

  test("an older page that is newer than the edit that is known keeps the newer text", () => {
    timeline.start({ epoch: "first", head: 5, entries: [...numbered(3, 4), edit(5, 1, "better")] });
    const [message] = numbered(1);
    timeline.prepend([{ ...message, text: "best", edited: 9 }, ...numbered(2)], false);
    assert.equal(timeline.at(1).text, "best");
  });

  test("an older page that was read before the edit gets its text", () => {
    timeline.start({ epoch: "first", head: 5, entries: [...numbered(3, 4), edit(5, 1, "better")] });
    timeline.prepend(numbered(1, 2), false);
    assert.deepEqual([timeline.at(1).text, timeline.at(1).edited], ["better", 5]);
  });
});
