import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { Changes } from "../../../../web/static/js/model/changes.js";
import { ChangeSender } from "../../../../web/static/js/model/changesender.js";
import { Store } from "../../../../web/static/js/model/store.js";
import { FakeConnection, FakeStorage, numbered, settled } from "../fakes.mjs";

const ME = "me";
const [message, other] = numbered(1, 2);
const about = { room: "lobby", epoch: "first" };
let storage;
let changes;
let seen;

describe("what a person changes is kept until the server has it", () => {
  beforeEach(() => {
    storage = new FakeStorage();
    changes = new Changes(new Store(storage, ME));
    seen = [];
    changes.addEventListener("change", ({ detail }) => seen.push([detail.room, detail.seq]));
  });

  const next = () => changes.next("lobby");
  const done = (change = next()) => changes.sent(change);
  const reactionsOf = (made) => (made.reactions ?? []).map(({ emoji, count, mine }) => `${emoji}${count}${mine ? " mine" : ""}`);
  const notice = (what, seq = 9) => ({ ...about, id: `id${seq}`, seq, at: seq, author: { id: ME }, ...what });

  test("what is on its way is shown at once, and the log's message stays as it is", () => {
    changes.edit(message, "better", [{ id: "b", name: "Ben" }]);
    changes.react(message, "👍", true);
    const made = changes.made(message);
    assert.deepEqual([made.text, made.mentions, made.edited], ["better", [{ id: "b", name: "Ben" }], true]);
    assert.deepEqual(reactionsOf(made), ["👍1 mine"]);
    assert.deepEqual([message.text, message.edited, message.reactions], ["1", undefined, undefined]);
    assert.equal(changes.made(other), other);
    assert.deepEqual(seen, [["lobby", 1], ["lobby", 1]]);
  });

  test("of several about the same the last one counts, and is sent alone", () => {
    changes.edit(message, "better");
    changes.react(message, "👍", true);
    changes.edit(message, "best");
    changes.react(message, "👍", false);
    changes.react(message, "🎉", true);
    assert.equal(changes.made(message).text, "best");
    assert.deepEqual(reactionsOf(changes.made(message)), ["🎉1 mine"]);
    const sent = [];
    for (let each = next(); each; each = next()) sent.push(each.text ?? `${each.emoji} ${each.on}`), changes.sent(each);
    assert.deepEqual(sent, ["best", "👍 false", "🎉 true"]);
  });

  test("a reaction of mine is counted with those of others, once", () => {
    const reactions = [{ emoji: "👍", count: 2, since: 1 }, { emoji: "🎉", count: 1, since: 2, mine: true }];
    changes.react(message, "👍", true);
    changes.react(message, "🎉", false);
    assert.deepEqual(reactionsOf(changes.made({ ...message, reactions })), ["👍3 mine"]);
    assert.deepEqual(reactionsOf(changes.made({ ...message, reactions: [{ emoji: "👍", count: 3, since: 1, mine: true }] })), ["👍3 mine"]);
  });

  test("a deletion takes the place of an edit, and shows a message that was deleted", () => {
    changes.edit(message, "better");
    changes.remove(message);
    assert.deepEqual(changes.made(message), { ...about, seq: 1, id: "id1", at: 1, author: { id: "a" }, deleted: true });
    assert.equal(next().event, "delete");
    done();
    assert.equal(next(), undefined);
  });

  test("they survive a reload, and another tab that has sent one is believed", () => {
    changes.edit(message, "better");
    const reloaded = new Changes(new Store(storage, ME));
    assert.equal(reloaded.made(message).text, "better");
    reloaded.sent(reloaded.next("lobby"));
    assert.equal(next(), undefined);
  });

  test("one that is acknowledged is shown until the log says so", () => {
    changes.edit(message, "better");
    changes.react(message, "👍", true);
    done(), done();
    assert.equal(storage.length, 0);
    assert.deepEqual([changes.made(message).text, reactionsOf(changes.made(message))], ["better", ["👍1 mine"]]);
    changes.shown("lobby", [notice({ edits: 2, now: { text: "another message" } }), notice({ reacts: 1, emoji: "👍", on: true, count: 1, author: { id: "b" } })], ME);
    assert.equal(changes.made(message).text, "better");
    changes.shown("lobby", [notice({ edits: 1, now: { text: "better" } })], ME);
    assert.deepEqual([changes.made(message).text, reactionsOf(changes.made(message))], ["1", ["👍1 mine"]]);
    changes.shown("lobby", [notice({ reacts: 1, emoji: "👍", on: true, count: 1 })], ME);
    assert.equal(changes.made(message), message);
  });

  test("what is on its way for a message that was deleted shows nothing of it", () => {
    const deleted = { ...about, seq: 1, id: "id1", at: 1, author: { id: "a" }, deleted: true };
    changes.edit(message, "better");
    changes.react(message, "👍", true);
    assert.equal(changes.made(deleted), deleted);
  });

  test("a deletion in the log ends what was acknowledged of its message, whoever deleted it", () => {
    changes.edit(message, "better");
    done();
    changes.shown("lobby", [{ ...about, id: "deleted:1", seq: 9, at: 9, deletes: [1, 3] }], ME);
    assert.equal(changes.made(message), message);
  });

  test("one that the log shows before its acknowledgement is not shown after it", () => {
    changes.edit(message, "better");
    changes.shown("lobby", [notice({ edits: 1, now: { text: "better" } })], ME);
    assert.equal(changes.made(message).text, "better");
    done();
    assert.equal(changes.made(message), message);
  });

  test("an acknowledgement of one that another took the place of meanwhile leaves the later one", () => {
    changes.edit(message, "better");
    const onItsWay = next();
    changes.edit(message, "best");
    changes.sent(onItsWay);
    changes.fail(onItsWay, { error: "invalid" });
    assert.deepEqual([changes.made(message).text, next().text], ["best", "best"]);
  });

  test("a reaction that is refused is gone, and an edit is kept with the reason, for its text", () => {
    const refused = [];
    changes.addEventListener("refused", ({ detail }) => refused.push([detail.change.event, detail.refusal.error]));
    changes.react(message, "👍", true);
    changes.edit(message, "better");
    changes.fail(next(), { error: "locked" });
    changes.fail(next(), { error: "forbidden", reason: "too_late" });
    assert.deepEqual(refused, [["react", "locked"], ["edit", "forbidden"]]);
    assert.equal(changes.made(message), message);
    const [failed] = new Changes(new Store(storage, ME)).failed("lobby");
    assert.deepEqual([failed.text, failed.state, failed.refusal.reason], ["better", "failed", "too_late"]);
    changes.retry(failed);
    assert.equal(changes.made(message).text, "better");
    changes.discard(next());
    assert.deepEqual([changes.failed("lobby"), storage.length], [[], 0]);
  });

  test("edits that were not sent are told of before somebody signs out, in whatever room", () => {
    changes.edit(message, "better");
    changes.edit({ ...message, room: "kitchen" }, "there");
    changes.react(message, "👍", true);
    assert.deepEqual(changes.unsent.map(({ room, text }) => [room, text]), [["lobby", "better"], ["kitchen", "there"]]);
  });

  test("nothing stays of a room that is forgotten", () => {
    changes.react(message, "🎉", true);
    done();
    changes.edit(message, "better");
    changes.react({ ...message, room: "kitchen" }, "👍", true);
    changes.forget("lobby");
    assert.equal(changes.made(message), message);
    assert.equal(storage.length, 1);
  });

  test("a sender asks the server for each, in order, once the room is live", async () => {
    const room = Object.assign(new EventTarget(), { name: "lobby", live: false, timeline: { high: 2 } });
    const connection = new FakeConnection(() => ({ ok: true }));
    const me = Object.assign(new EventTarget(), { id: ME, confirmed: true });
    new ChangeSender(room, me, connection, changes, { request: (_name, work) => work() });
    changes.react(message, "👍", true);
    changes.edit(other, "better", [{ id: "b", name: "Ben" }]);
    changes.remove(message);
    await settled();
    assert.deepEqual(connection.asked, []);
    room.live = true;
    room.dispatchEvent(new Event("change"));
    await settled();
    const plain = connection.asked.map(([event, details]) => [event, JSON.parse(JSON.stringify(details))]);
    assert.deepEqual(plain, [
      ["react", { room: "lobby", seq: 1, id: "id1", emoji: "👍", on: true }],
      ["edit", { room: "lobby", seq: 2, id: "id2", text: "better", mentions: [{ id: "b", name: "Ben" }] }],
      ["delete", { room: "lobby", seq: 1, id: "id1" }],
    ]);
  });
});
