import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { composer } from "../../../../web/static/js/view/room/composer.js";
import { Drafts } from "../../../../web/static/js/model/drafts.js";
import { Store } from "../../../../web/static/js/model/store.js";

let form;
let field;
let why;
let sent;
let typed;
let drafts;
let writing;

describe("a message is written in the composer", () => {
  beforeEach(() => {
    field = Object.assign(new EventTarget(), { value: "", focused: 0, focus: () => (field.focused += 1) });
    form = Object.assign(new EventTarget(), { elements: { message: field } });
    form.requestSubmit = () => form.dispatchEvent(new Event("submit", { cancelable: true }));
    sent = [];
    typed = [];
    why = { textContent: "" };
    drafts = new Drafts(new Store(null, "ana"), new Store(null, "ana"));
    writing = composer(form, why, drafts, {
      send: (text) => sent.push(text),
      typed: (text) => typed.push(text),
      objection: (text) => (text.length > 20 ? "Too long." : ""),
    });
    writing.turnTo("lobby");
  });

  function press(key, more = {}) {
    const event = Object.assign(new Event("keydown", { cancelable: true }), { key, ...more });
    field.dispatchEvent(event);
    return event.defaultPrevented;
  }

  function type(text) {
    field.value = text;
    field.dispatchEvent(new Event("input"));
  }

  test("sends what was typed, and clears the field", () => {
    type("hello");
    assert.equal(form.requestSubmit(), false, "the page stays");
    assert.deepEqual(sent, ["hello"]);
    assert.equal(field.value, "");
    assert.equal(drafts.of("lobby"), "");
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
    assert.equal(press("Enter", { keyCode: 229 }), false);
    assert.equal(press("x"), false);
    assert.deepEqual(sent, []);
    assert.equal(press("Enter"), true);
    assert.deepEqual(sent, ["hello"]);
  });

  test("says what is typed, as it is", () => {
    type(" h");
    type(" he\n");
    type("");
    assert.deepEqual(typed, [" h", " he\n", ""]);
  });

  test("what was begun in a room is there when one comes back to it", () => {
    type("half a tho");
    writing.turnTo("kitchen");
    assert.equal(field.value, "");
    type("soup");
    writing.turnTo("lobby");
    assert.equal(field.value, "half a tho");
    writing.turnTo("kitchen");
    assert.equal(field.value, "soup");
  });

  test("a text given back stands before what was begun meanwhile", () => {
    writing.edit("first");
    assert.equal(field.value, "first");
    writing.edit("again");
    assert.equal(field.value, "again\nfirst");
    assert.equal(field.focused, 2);
    assert.equal(drafts.of("lobby"), "again\nfirst");
  });

  test("what can't be sent stays in the field, with the reason, until it can", () => {
    type("x".repeat(21));
    form.requestSubmit();
    assert.deepEqual(sent, []);
    assert.equal(field.value, "x".repeat(21));
    assert.equal(why.textContent, "Too long.");
    type("x".repeat(20));
    assert.equal(why.textContent, "");
    form.requestSubmit();
    assert.deepEqual(sent, ["x".repeat(20)]);
  });

  test("what was typed and sent while the page was loading is kept and sent", () => {
    const early = composer(form, why, new Drafts(new Store(null, "ben"), new Store(null, "ben")), {
      send: (text) => sent.push(text),
      typed() {},
      objection: (text) => (text.length > 20 ? "Too long." : ""),
    });
    field.value = "half a tho";
    early.turnTo("lobby");
    assert.equal(field.value, "half a tho");
    early.catchUp(["one", "x".repeat(21), "two"]);
    assert.deepEqual(sent.filter((text, index) => sent.indexOf(text) === index), ["one", "two"]);
    assert.equal(field.value, `${"x".repeat(21)}\nhalf a tho`);
  });

  test("each tab has its own draft, and goes on with the last where it has none", () => {
    const shared = new Store(null, "ana");
    const [one, other, late] = [1, 2, 3].map(() => new Drafts(new Store(null, "ana"), shared));
    one.save("lobby", "mine");
    other.save("lobby", "yours");
    assert.equal(late.of("lobby"), "yours");
    other.save("lobby", "");
    assert.equal(one.of("lobby"), "mine");
    assert.equal(late.of("lobby"), "");
    assert.deepEqual(one.all, [{ room: "lobby", text: "mine" }]);
  });
});
