import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { banner } from "../../../../web/static/js/view/banner.js";

const words = {
  status: { live: "Live", reconnecting: "Reconnecting…", notLive: "Not live" },
  reason: { reconnecting: "It waits." },
  refusal: ({ error }) => `Refused: ${error}.`,
  nextTry: (seconds) => `Next try in ${seconds} s.`,
};

const LIVE = { state: "live", reason: null };
const RECONNECTING = { state: "reconnecting", reason: null };

let parts;
let element;
let shown;

describe("the banner says how the connection is", () => {
  beforeEach((t) => {
    t.mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
    parts = { ".state": {}, ".reason": {}, ".next": {} };
    element = { dataset: {}, querySelector: (selector) => parts[selector] };
    shown = banner(element, words);
    shown.show(LIVE, null);
    t.mock.timers.tick(0);
  });

  test("the good state is shown at once, another only if it lasts", (t) => {
    assert.equal(parts[".state"].textContent, words.status.live);
    shown.show(RECONNECTING, null);
    t.mock.timers.tick(499);
    assert.equal(element.dataset.state, "live");
    t.mock.timers.tick(1);
    assert.equal(element.dataset.state, "reconnecting");
    assert.equal(parts[".reason"].textContent, words.reason.reconnecting);
    shown.show(LIVE, null);
    t.mock.timers.tick(0);
    assert.equal(parts[".state"].textContent, words.status.live);
    assert.equal(parts[".reason"].textContent, "");
  });

  test("a short outage is neither seen nor heard", (t) => {
    shown.show(RECONNECTING, null);
    t.mock.timers.tick(300);
    shown.show(LIVE, null);
    t.mock.timers.tick(1000);
    assert.equal(element.dataset.state, "live");
  });

  test("each try of a long outage does not begin the wait again", (t) => {
    for (let tries = 0; tries < 3; tries++) {
      shown.show(RECONNECTING, null);
      t.mock.timers.tick(250);
    }
    assert.equal(element.dataset.state, "reconnecting");
  });

  test("counts down to the next try", (t) => {
    shown.show(RECONNECTING, 3000);
    assert.equal(parts[".next"].textContent, words.nextTry(3));
    t.mock.timers.tick(2000);
    assert.equal(parts[".next"].textContent, words.nextTry(1));
    shown.show(RECONNECTING, null);
    assert.equal(parts[".next"].textContent, "");
  });

  test("says in the page's words why the server refused", (t) => {
    shown.show({ state: "notLive", reason: "refused", refusal: { error: "code_needed" } }, null);
    t.mock.timers.tick(500);
    assert.equal(parts[".reason"].textContent, "Refused: code_needed.");
  });
});
