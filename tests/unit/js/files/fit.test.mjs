import assert from "node:assert/strict";
import { test } from "node:test";
import { fitted } from "../../../../web/static/js/files/fit.js";

test("a picture keeps its shape, and is never shown larger than it is", () => {
  assert.deepEqual(fitted({ width: 1600, height: 800 }, true), { width: 320, height: 160 });
  assert.deepEqual(fitted({ width: 800, height: 1600 }, true), { width: 128, height: 256 });
  assert.deepEqual(fitted({ width: 100, height: 80 }, true), { width: 100, height: 80 });
});

test("beside others it is smaller", () => {
  assert.deepEqual(fitted({ width: 1600, height: 800 }, false), { width: 136, height: 68 });
});

test("a very long or very small one can still be seen and touched", () => {
  assert.deepEqual(fitted({ width: 10, height: 10_000 }, true), { width: 48, height: 256 });
  assert.deepEqual(fitted({ width: 10_000, height: 10 }, true), { width: 320, height: 48 });
  assert.deepEqual(fitted({ width: 1, height: 1 }, true), { width: 48, height: 48 });
});
