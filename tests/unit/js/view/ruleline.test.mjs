import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { ruleLine } from "../../../../web/static/js/view/room/ruleline.js";

const RULES = { muted: 0, locked: false, slow: 0 };
const WORDS = { archived: "Archived.", locked: "Locked.", lockedForOthers: "Locked for others." };

let classes;
let line;
let show;

describe("a line says which rules hold in the room", () => {
  beforeEach(() => {
    classes = new Set();
    const classList = { toggle: (name, on) => (on ? classes.add(name) : classes.delete(name)) };
    line = { textContent: "" };
    ({ show } = ruleLine(line, { classList, elements: { message: {}, send: {} } }, WORDS));
  });

  test("an archived room has no field, and says why, also to moderators", () => {
    for (const isModerator of [false, true]) {
      show({ ...RULES, locked: true }, isModerator, true);
      assert.deepEqual([line.textContent, classes.has("archived")], ["Archived.", true]);
    }
    show(RULES, false, undefined);
    assert.deepEqual([line.textContent, classes.size], ["", 0]);
  });

  test("a locked room shuts the field for all but moderators", () => {
    show({ ...RULES, locked: true }, true);
    assert.deepEqual([line.textContent, classes.has("shut")], ["Locked for others.", false]);
    show({ ...RULES, locked: true }, false);
    assert.deepEqual([line.textContent, classes.has("shut")], ["Locked.", true]);
  });
});
