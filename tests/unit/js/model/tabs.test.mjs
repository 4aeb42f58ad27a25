import assert from "node:assert/strict";
import { test } from "node:test";
import { Tabs } from "../../../../web/static/js/model/tabs.js";

// What the channels of several tabs are to each other.
function channels(count) {
  const all = Array.from({ length: count }, () => new EventTarget());
  for (const one of all) {
    one.postMessage = (data) => {
      for (const each of all) if (each !== one) each.dispatchEvent(Object.assign(new Event("message"), { data }));
    };
  }
  return all;
}

for (const [polling, expected] of [[5, true], [4, false]]) {
  test(`${polling} other tabs that poll ${expected ? "leave no connection" : "leave a connection"}`, async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const [mine, ...others] = channels(8);
    others.forEach((channel, index) => new Tabs(channel, () => index < polling));
    const answer = new Tabs(mine, () => false).areTooMany();
    t.mock.timers.tick(300);
    assert.equal(await answer, expected);
  });
}

test("a browser without channels has no other tabs", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const answer = new Tabs(null, () => true).areTooMany();
  t.mock.timers.tick(300);
  assert.equal(await answer, false);
});
