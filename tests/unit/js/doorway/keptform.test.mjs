// A form that waits until the chat can take it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { keptForm } from "../../../../web/static/js/doorway/keptform.js";
import { settled } from "../fakes.mjs";

const MOST = 30_000; // milliseconds of a pause

class FakeForm extends EventTarget {
  sent = 0;

  constructor(valid = true) {
    super();
    this.valid = valid;
  }

  checkValidity() {
    return this.valid;
  }

  submit() {
    this.sent += 1;
  }

  async pressed() {
    const event = new Event("submit", { cancelable: true });
    this.dispatchEvent(event);
    assert.ok(event.defaultPrevented);
    await settled();
  }
}

function page(t, answers, { refused = false, valid = true } = {}) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const form = new FakeForm(valid);
  const [notice, promise] = [{ hidden: !refused }, { hidden: true }];
  keptForm({ form, notice, promise, serves: async () => answers.shift() ?? true });
  const later = async () => {
    t.mock.timers.tick(MOST);
    await settled();
  };
  return { form, notice, promise, later };
}

test("a form is sent at once while the chat can serve", async (t) => {
  const { form, notice } = page(t, [true]);
  await form.pressed();
  assert.equal(form.sent, 1);
  assert.ok(notice.hidden);
});

test("a form waits while the chat cannot serve, and is sent once", async (t) => {
  const { form, notice, promise, later } = page(t, [false, false, true]);
  await form.pressed();
  assert.deepEqual([form.sent, notice.hidden, promise.hidden], [0, false, false]);
  await later();
  assert.equal(form.sent, 0);
  await later();
  await later();
  assert.equal(form.sent, 1);
});

test("a press does not wait for the pause to end", async (t) => {
  const { form } = page(t, [false, true]);
  await form.pressed();
  await form.pressed();
  assert.equal(form.sent, 1);
});

test("a form that the server could not take is sent again by itself, after a pause", async (t) => {
  const { form, promise, later } = page(t, [], { refused: true });
  await settled();
  assert.deepEqual([form.sent, promise.hidden], [0, false]);
  await later();
  assert.equal(form.sent, 1);
});

test("a form that lacks its code waits for the person", async (t) => {
  const { form, promise, later } = page(t, [], { refused: true, valid: false });
  await later();
  assert.deepEqual([form.sent, promise.hidden], [0, true]);
});

test("a form is not sent by itself while somebody types in it", async (t) => {
  const { form, promise, later } = page(t, [false]);
  await form.pressed();
  form.dispatchEvent(new Event("input"));
  await later();
  assert.deepEqual([form.sent, promise.hidden], [0, true]);
  await form.pressed();
  assert.equal(form.sent, 1);
});
