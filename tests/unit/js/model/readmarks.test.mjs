import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { ReadMarks } from "../../../../web/static/js/model/readmarks.js";
import { Store } from "../../../../web/static/js/model/store.js";

let store;
let readMarks;

describe("it is kept how far each room was read", () => {
  beforeEach(() => {
    store = new Store(null, "ana");
    readMarks = new ReadMarks(store);
  });

  test("a room seen for the first time was read", () => {
    assert.equal(readMarks.upTo("lobby", "first"), null);
    readMarks.begin("lobby", "first", 500);
    assert.equal(readMarks.upTo("lobby", "first"), 500);
  });

  test("reading only goes on", () => {
    assert.equal(readMarks.read("lobby", "first", 5), true);
    assert.equal(readMarks.read("lobby", "first", 3), false);
    assert.equal(readMarks.upTo("lobby", "first"), 5);
  });

  test("nothing was read of a log that began after the room was seen empty", () => {
    readMarks.begin("kitchen", "", 0);
    assert.equal(readMarks.upTo("kitchen", "first"), 0);
  });

  test("a log that began anew was never read", () => {
    readMarks.read("lobby", "first", 5);
    assert.equal(readMarks.upTo("lobby", "second"), null);
    readMarks.begin("lobby", "second", 2);
    assert.equal(readMarks.upTo("lobby", "second"), 2);
  });

  test("of two marks the larger one counts", () => {
    readMarks.read("lobby", "first", 5);
    readMarks.take("lobby", "first", 3);
    assert.equal(readMarks.upTo("lobby", "first"), 5);
    assert.deepEqual(readMarks.unsent("lobby"), { room: "lobby", seq: 5, epoch: "first" });
    readMarks.take("lobby", "first", 8);
    assert.equal(readMarks.upTo("lobby", "first"), 8);
    assert.equal(readMarks.unsent("lobby"), null);
  });

  test("what this browser alone knows is unsent, and what no room has is not", () => {
    assert.equal(readMarks.unsent("lobby"), null);
    readMarks.read("lobby", "first", 5);
    readMarks.take("lobby", "first");
    assert.deepEqual(readMarks.unsent("lobby"), { room: "lobby", seq: 5, epoch: "first" });
  });

  test("a mark that another tab wrote over with a smaller one does not go back", () => {
    readMarks.take("lobby", "first", 8);
    store.set("read/lobby", { epoch: "first", seq: 6 });
    assert.equal(readMarks.upTo("lobby", "first"), 8);
  });

  test("it is said when a mark moved", () => {
    let moves = 0;
    readMarks.addEventListener("change", () => (moves += 1));
    readMarks.read("lobby", "first", 5);
    readMarks.read("lobby", "first", 5);
    readMarks.take("lobby", "first", 5);
    readMarks.take("lobby", "first", 6);
    assert.equal(moves, 2);
  });

  test("a room that was forgotten was never read", () => {
    readMarks.take("lobby", "first", 5);
    readMarks.forget("lobby");
    assert.equal(readMarks.upTo("lobby", "first"), null);
  });
});
