import assert from "node:assert/strict";
import { test } from "node:test";
import { gistOf } from "../../../../web/static/js/text/gist.js";
import { sizeOf } from "../../../../web/static/js/text/bytes.js";

const words = { files: { pictures: (count) => `${count} pictures`, several: (count) => `${count} files` } };
const picture = { name: "a.png", width: 4, height: 3 };
const plan = { name: "Plán.pdf" };

test("the gist of a message is its text, as it is seen", () => {
  assert.equal(gistOf({ text: "a **bold** word", files: [plan] }, words), "a bold word");
  const mentions = [{ id: "b", name: "_Bo_" }];
  assert.equal(gistOf({ text: "_you_, @_Bo_!", mentions }, words), "you, @_Bo_!");
});

test("of one that has only files it says what they are", () => {
  assert.equal(gistOf({ text: "", files: [picture, picture] }, words), "2 pictures");
  assert.equal(gistOf({ text: "", files: [picture, plan] }, words), "2 files");
  assert.equal(gistOf({ text: "", files: [plan] }, words), "Plán.pdf");
});

test("a message that is not there any more has none", () => assert.equal(gistOf({ deleted: true }, words), undefined));

test("sizes are written as in the reader's region", () => {
  assert.deepEqual([0, 999, 14_000, 2_400_000].map((bytes) => sizeOf(bytes, "en")), ["0 bytes", "999 bytes", "14 kB", "2.4 MB"]);
  assert.equal(sizeOf(2_400_000, "es"), "2,4 MB");
});
