import assert from "node:assert/strict";
import { test } from "node:test";
import { newId } from "../../../../web/static/js/relay/ids.js";

test("an id has 128 random bits in hex", () => {
  const ids = Array.from({ length: 1000 }, newId);
  assert.equal(new Set(ids).size, 1000);
  for (const id of ids) assert.match(id, /^[0-9a-f]{32}$/);
});
