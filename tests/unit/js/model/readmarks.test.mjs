import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { ReadMarks } from "../../../../web/static/js/model/readmarks.js";
import { Store } from "../../../../web/static/js/model/store.js";

let readMarks;
beforeEach(() => (readMarks = new ReadMarks(new Store(null, "ana"))));

test("a room seen for the first time has nothing unread", () => {
  assert.equal(readMarks.unread("lobby", "first", 500), 0);
  readMarks.begin("lobby", "first", 500);
  assert.equal(readMarks.unread("lobby", "first", 500), 0);
  assert.equal(readMarks.unread("lobby", "first", 503), 3);
});

test("reading only goes on", () => {
  assert.equal(readMarks.read("lobby", "first", 5), true);
  assert.equal(readMarks.read("lobby", "first", 3), false);
  assert.equal(readMarks.upTo("lobby", "first"), 5);
});

test("the first message of a room that was seen empty is unread", () => {
  readMarks.begin("kitchen", "", 0);
  assert.equal(readMarks.unread("kitchen", "first", 1), 1);
});

test("a log that began anew was never read", () => {
  readMarks.read("lobby", "first", 5);
  assert.equal(readMarks.upTo("lobby", "second"), null);
  readMarks.begin("lobby", "second", 2);
  assert.equal(readMarks.unread("lobby", "second", 3), 1);
});
