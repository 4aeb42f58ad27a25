import assert from "node:assert/strict";
import { test } from "node:test";
import { found } from "../../../../web/static/js/text/search.js";
import { numbered } from "../fakes.mjs";

const said = (...texts) => texts.map((text, index) => ({ ...numbered(index + 1)[0], text }));

test("the search looks past case and accents", () => {
  const messages = numbered(1, 2, 3);
  messages[1].text = "Crème BRÛLÉE";
  assert.deepEqual(found(messages, "brulee"), [2]);
  assert.deepEqual(found(messages, "ada"), [1, 2, 3]);
  assert.deepEqual(found(messages, " "), []);
});

test("a file is found by its name", () => {
  const author = { name: "Ada" };
  assert.deepEqual(found([{ seq: 1, author, text: "", files: [{ name: "Plán.pdf" }] }, { seq: 2, author, text: "plain" }], "PLAN"), [1]);
});

test("a text is found as it is seen, and as it was typed", () => {
  const texts = said("a **bold** text", "~~bold~~ text", "bold *text*", "`bold` **text** here", "> bold\n> text", "a bold claim");
  assert.deepEqual(found(texts, "bold text"), [1, 2, 3, 4]);
  assert.deepEqual(found(texts, "**bold** te"), [1]);
  assert.deepEqual(found(texts, "*TEXT*"), [3, 4]);
  assert.deepEqual(found(texts, "text here"), [4]);
});

test("a name that was mentioned is no mark", () => {
  const [message] = said("hello @*ana* there");
  assert.deepEqual(found([{ ...message, mentions: [{ id: "a", name: "*ana*" }] }], "ana there"), []);
  assert.deepEqual(found([message], "ana there"), [1]);
});

test("what is seen of a text is made once, and once more after an edit", () => {
  const [message] = said("a **bold** text");
  let made = 0;
  Object.defineProperty(message, "mentions", { get: () => void (made += 1) });
  for (const query of ["bold t", "bold te", "bold tex"]) assert.deepEqual(found([message], query), [1]);
  const once = made;
  message.text = "an **old** text";
  assert.deepEqual([found([message], "old te"), found([message], "bold te"), once], [[1], [], 1]);
});
