import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Reading } from "../../../../web/static/js/model/readmarks.js";
import { Store } from "../../../../web/static/js/model/store.js";

let reading;
beforeEach(() => (reading = new Reading(new Store(null, "ana"))));

test("a room seen for the first time has nothing unread", () => {
  assert.equal(reading.unread("lobby", "first", 500), 0);
  reading.begin("lobby", "first", 500);
  assert.equal(reading.unread("lobby", "first", 500), 0);
  assert.equal(reading.unread("lobby", "first", 503), 3);
});

test("reading only goes on", () => {
  assert.equal(reading.read("lobby", "first", 5), true);
  assert.equal(reading.read("lobby", "first", 3), false);
  assert.equal(reading.upTo("lobby", "first"), 5);
});

test("the first message of a room that was seen empty is unread", () => {
  reading.begin("kitchen", "", 0);
  assert.equal(reading.unread("kitchen", "first", 1), 1);
});

test("a log that began anew was never read", () => {
  reading.read("lobby", "first", 5);
  assert.equal(reading.upTo("lobby", "second"), null);
  reading.begin("lobby", "second", 2);
  assert.equal(reading.unread("lobby", "second", 3), 1);
});
