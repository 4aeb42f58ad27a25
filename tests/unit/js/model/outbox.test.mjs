import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { Outbox } from "../../../../web/static/js/model/outbox.js";
import { Store } from "../../../../web/static/js/model/store.js";
import { FakeStorage } from "../fakes.mjs";

const ME = { id: "ana" };
let storage;
let outbox;
const texts = (room = "lobby", from = outbox) => from.entries(room).map((entry) => entry.text);

describe("messages are kept until they are sent", () => {
  beforeEach(() => {
    storage = new FakeStorage();
    outbox = new Outbox(new Store(storage, "ana"));
  });

  test("entries stay in the order they were typed, also in one millisecond and when the clock is set back", (t) => {
    t.mock.timers.enable({ apis: ["Date"], now: 5000 });
    outbox.add("lobby", "one");
    outbox.add("lobby", "two");
    t.mock.timers.setTime(1000);
    outbox.add("lobby", "three");
    assert.deepEqual(texts(), ["one", "two", "three"]);
    assert.equal(outbox.next("lobby").text, "one");
  });

  test("a reload finds them again, with their ids", () => {
    outbox.add("lobby", "one");
    outbox.add("kitchen", "two");
    const reloaded = new Outbox(new Store(storage, "ana"));
    assert.deepEqual(reloaded.entries("lobby"), outbox.entries("lobby"));
    assert.deepEqual(texts("kitchen", reloaded), ["two"]);
  });

  test("two tabs add to one another's", () => {
    const stores = [1, 2].map(() => new Store(storage, "ana"));
    const [mine, other] = stores.map((store) => new Outbox(store));
    const told = () => stores.forEach((store) => store.reloadChanged({ key: null }));
    mine.add("lobby", "mine");
    told();
    other.add("lobby", "theirs");
    told();
    mine.add("lobby", "mine again");
    told();
    assert.deepEqual(texts("lobby", mine), ["mine", "theirs", "mine again"]);
    assert.deepEqual(texts("lobby", other), texts("lobby", mine));
  });

  test("an acked entry is kept by the log: gone from storage, seen until the log shows it", () => {
    outbox.add("lobby", "one");
    const entry = outbox.next("lobby");
    outbox.sent(entry, 7, 6);
    assert.deepEqual(outbox.entries("lobby").map((each) => each.state), ["sent"]);
    assert.equal(outbox.next("lobby"), undefined);
    assert.equal(storage.length, 0);
    assert.deepEqual(outbox.shown("lobby", [{ id: entry.id, author: ME }], 7, ME.id), new Set([entry.id]));
    assert.deepEqual(texts(), []);
  });

  test("an ack that comes after the log showed the message brings nothing back", () => {
    outbox.add("lobby", "one");
    const entry = outbox.next("lobby");
    outbox.shown("lobby", [{ id: entry.id, author: ME }], 7, ME.id);
    outbox.sent(entry, 7, 7);
    assert.deepEqual(texts(), []);
  });

  test("a stranger's message under an id of ours is not ours", () => {
    outbox.add("lobby", "one");
    const { id } = outbox.next("lobby");
    assert.deepEqual(outbox.shown("lobby", [{ id, author: { id: "eve" } }], 7, ME.id), new Set());
    assert.deepEqual(texts(), ["one"]);
  });

  test("an entry whose ack was lost is gone as soon as the log shows it", () => {
    outbox.add("lobby", "one");
    outbox.add("lobby", "two");
    outbox.shown("lobby", [{ id: outbox.next("lobby").id, author: ME }], 1, ME.id);
    assert.deepEqual(texts(), ["two"]);
  });

  test("a sent entry is gone once the log is shown beyond it, even if its message was not among them", () => {
    outbox.add("lobby", "one");
    outbox.sent(outbox.next("lobby"), 7, 6);
    outbox.shown("lobby", [{ id: "other", author: ME }], 8, ME.id);
    assert.deepEqual(texts(), []);
  });

  test("a failed entry says why, survives a reload and lets the next one go first", () => {
    outbox.add("lobby", "bad");
    outbox.add("lobby", "good");
    outbox.fail(outbox.next("lobby"), { error: "too_long", most: 3 });
    const reloaded = new Outbox(new Store(storage, "ana"));
    assert.equal(reloaded.next("lobby").text, "good");
    const [bad] = reloaded.entries("lobby");
    assert.deepEqual([bad.state, bad.refusal], ["failed", { error: "too_long", most: 3 }]);
  });

  test("a retry keeps its id and its place; a discard is for good", () => {
    outbox.add("lobby", "bad");
    outbox.add("lobby", "good");
    const { id } = outbox.next("lobby");
    outbox.fail(outbox.next("lobby"), { error: "invalid", detail: "" });
    outbox.retry(outbox.entries("lobby")[0]);
    assert.equal(outbox.next("lobby").id, id);
    outbox.discard(outbox.next("lobby"));
    assert.deepEqual(texts(), ["good"]);
  });

  test("what could not be stored says so", () => {
    storage.full = true;
    outbox.add("lobby", "one");
    assert.equal(outbox.next("lobby").saved, false);
  });

  test("a log that began anew takes the numbers of sent entries with it, and leaves what is pending", () => {
    outbox.add("lobby", "sent");
    outbox.add("lobby", "pending");
    outbox.sent(outbox.next("lobby"), 900, 1);
    outbox.startOver("lobby");
    assert.deepEqual(texts(), ["pending"]);
  });

  test("what another tab has brought is not sent again, before word of that came", () => {
    outbox.add("lobby", "one");
    const other = new Outbox(new Store(storage, "ana"));
    other.sent(other.next("lobby"), 7, 7);
    assert.equal(outbox.next("lobby"), undefined);
  });

  test("says what waits in all rooms", () => {
    outbox.add("lobby", "one");
    outbox.add("kitchen", "two");
    assert.deepEqual(outbox.unsent.map(({ text }) => text).sort(), ["one", "two"]);
    outbox.sent(outbox.next("lobby"), 7, 6);
    assert.deepEqual(outbox.unsent.map(({ text }) => text), ["two"]);
  });

  test("nothing that was written for a room stays once it is forgotten, nor comes back from the way", () => {
    for (const text of ["sent", "on its way", "pending"]) outbox.add("kitchen", text);
    outbox.sent(outbox.next("kitchen"), 900, 1);
    const entry = outbox.next("kitchen");
    outbox.add("lobby", "elsewhere");
    outbox.forget("kitchen");
    outbox.fail(entry, { error: "no_such_room", detail: "" });
    assert.deepEqual([outbox.entries("kitchen"), storage.length], [[], 1]);
    assert.deepEqual(texts(), ["elsewhere"]);
  });
});
