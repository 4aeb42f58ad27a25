import assert from "node:assert/strict";
import { test } from "node:test";
import { objections } from "../../../../web/static/js/text/objections.js";

const objection = objections(4, { tooLong: (count, most) => `${count} of ${most}` });

test("counts characters as the server does: code points, without the space around", () => {
  assert.equal(objection("  four  "), "");
  assert.equal(objection("😀😀😀😀"), "");
  assert.equal(objection("😀😀😀😀😀"), "5 of 4");
  assert.equal(objection("x".repeat(70_000)), "70000 of 4");
});
