import assert from "node:assert/strict";
import { test } from "node:test";
import { Backoff } from "../../../../web/static/js/relay/backoff.js";

test("waits double up to the most, and start again after a reset", () => {
  const backoff = new Backoff({ first: 500, most: 4000, random: () => 1 });
  assert.deepEqual([1, 2, 3, 4, 5].map(() => backoff.next()), [500, 1000, 2000, 4000, 4000]);
  backoff.reset();
  assert.equal(backoff.next(), 500);
});

test("up to half of a wait is left to chance", () => {
  assert.equal(new Backoff({ first: 500, most: 4000, random: () => 0 }).next(), 250);
});

test("what the server asked for is the least", () => {
  assert.equal(new Backoff({ first: 500, most: 4000 }).next(9000), 9000);
});
