import assert from "node:assert/strict";
import { test } from "node:test";
import { ruleLine } from "../../../../web/static/js/view/room/ruleline.js";
import { Rules } from "../../../../web/static/js/model/rules.js";
import { timeLeft } from "../../../../web/static/js/text/timeleft.js";

const words = { locked: "locked", lockedForOthers: "locked for others", slow: (s) => `slow ${s}`, muted: "muted", mutedFor: (t) => `muted for ${t}` };

function composer() {
  const elements = { message: { readOnly: false }, send: { disabled: false } };
  const line = { textContent: "" };
  const form = { elements, classList: { toggle() {} } };
  return { line, elements, show: ruleLine(line, form, words).show };
}

test("what one hears of the rules changes only what it names", () => {
  const rules = new Rules();
  rules.update({ locked: false, slow: 5, muted: false });
  rules.update({ locked: true });
  assert.deepEqual([rules.locked, rules.slow, rules.muted], [true, 5, 0]);
});

test("a mute ends by itself, and says so", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const rules = new Rules();
  let changes = 0;
  rules.addEventListener("change", () => (changes += 1));
  rules.update({ muted: true, seconds: 60 });
  t.mock.timers.tick(59_999);
  assert.deepEqual([rules.muted, changes], [1, 1]);
  t.mock.timers.tick(1);
  assert.deepEqual([rules.muted, changes], [0, 2]);
});

test("a mute without end stays until it is lifted", () => {
  const rules = new Rules();
  rules.update({ muted: true });
  assert.equal(rules.muted, Infinity);
  rules.update({ muted: false });
  assert.equal(rules.muted, 0);
});

test("who may not write is told why, and the field takes nothing", () => {
  const { line, elements, show } = composer();
  for (const [rules, said] of [
    [{ muted: Infinity, locked: true, slow: 0 }, "muted"],
    [{ muted: 7_200_000, locked: false, slow: 0 }, "muted for 2 hours"],
    [{ muted: 0, locked: true, slow: 5 }, "locked"],
  ]) {
    show(rules, false);
    assert.deepEqual([line.textContent, elements.message.readOnly, elements.send.disabled], [said, true, true]);
  }
  show({ muted: 0, locked: false, slow: 5 }, false);
  assert.deepEqual([line.textContent, elements.message.readOnly, elements.send.disabled], ["slow 5", false, false]);
});

test("a moderator may write all the same", () => {
  const { line, elements, show } = composer();
  show({ muted: 0, locked: true, slow: 5 }, true);
  assert.deepEqual([line.textContent, elements.message.readOnly], ["locked for others", false]);
});

test("a time is told in its largest unit, rounded up", () => {
  const told = [1, 59.2, 60, 61, 3600, 5400, 86_400, 90_000].map((seconds) => timeLeft(seconds));
  assert.deepEqual(told, ["1 second", "60 seconds", "1 minute", "2 minutes", "1 hour", "2 hours", "1 day", "2 days"]);
});
