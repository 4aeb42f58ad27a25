import assert from "node:assert/strict";
import { test } from "node:test";
import { RetryLoop } from "../../../../web/static/js/relay/retryloop.js";
import { settled } from "../fakes.mjs";

function loop(rests) {
  const steps = [];
  const made = new RetryLoop(async () => {
    steps.push(steps.length);
    return rests.shift() ?? null;
  });
  return { made, steps };
}

test("goes on until nothing is left", async () => {
  const { made, steps } = loop([0, 0]);
  await made.start();
  assert.equal(steps.length, 3);
});

test("one run at a time; a start meanwhile makes it look once more", async () => {
  const { made, steps } = loop([]);
  await Promise.all([made.start(), made.start(), made.start()]);
  await settled();
  assert.equal(steps.length, 2);
});

test("a start keeps a rest, a hurry ends it", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { made, steps } = loop([1000, 1000]);
  made.start();
  await settled();
  made.start();
  await settled();
  assert.equal(steps.length, 1);
  t.mock.timers.tick(1000);
  await settled();
  assert.equal(steps.length, 2);
  made.hurry();
  await settled();
  assert.equal(steps.length, 4, "the step after the rest, and the one that the hurry asked for");
});

test("goes on working after a step that threw", async () => {
  let throws = true;
  let steps = 0;
  const made = new RetryLoop(async () => {
    steps += 1;
    if (throws) throw new Error("once");
    return null;
  });
  await assert.rejects(made.start());
  throws = false;
  await made.start();
  assert.equal(steps, 2);
});
