import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { composer } from "../../../web/static/js/composer.js";

let form;
let field;
let sent;
let writing;

beforeEach(() => {
  field = Object.assign(new EventTarget(), { value: "", focused: 0, focus: () => (field.focused += 1) });
  form = Object.assign(new EventTarget(), { elements: { message: field } });
  form.requestSubmit = () => form.dispatchEvent(new Event("submit", { cancelable: true }));
  sent = [];
  writing = composer(form, (text) => sent.push(text));
});

function press(key, more = {}) {
  const event = Object.assign(new Event("keydown", { cancelable: true }), { key, ...more });
  field.dispatchEvent(event);
  return event.defaultPrevented;
}

test("sends what was typed, and clears the field", () => {
  field.value = "hello";
  assert.equal(form.requestSubmit(), false, "the page stays");
  assert.deepEqual(sent, ["hello"]);
  assert.equal(field.value, "");
});

test("sends nothing when there is nothing", () => {
  field.value = " \n ";
  form.requestSubmit();
  assert.deepEqual(sent, []);
});

test("sends on Enter, not with Shift nor while a word is composed", () => {
  field.value = "hello";
  assert.equal(press("Enter", { shiftKey: true }), false);
  assert.equal(press("Enter", { isComposing: true }), false);
  assert.equal(press("x"), false);
  assert.deepEqual(sent, []);
  assert.equal(press("Enter"), true);
  assert.deepEqual(sent, ["hello"]);
});

test("a text given back stands before what was begun meanwhile", () => {
  writing.edit("first");
  assert.equal(field.value, "first");
  writing.edit("again");
  assert.equal(field.value, "again\nfirst");
  assert.equal(field.focused, 2);
});
