// The drafts of several tabs.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Drafts } from "../../../../web/static/js/model/drafts.js";
import { Store } from "../../../../web/static/js/model/store.js";

const tabs = (count) => {
  const last = new Store(null, "a");
  return Array.from({ length: count }, () => new Drafts(new Store(null, "a"), last));
};

test("what one of three tabs sends takes nothing of what the others have begun", () => {
  const [one, two, three] = tabs(3);
  one.save("tea", "alpha");
  two.save("tea", "beta");
  three.save("tea", "gamma");
  two.save("tea", "");
  assert.deepEqual([one, two, three].map((tab) => tab.of("tea")), ["alpha", "", "gamma"]);
  three.save("tea", "");
  assert.deepEqual([one, two, three].map((tab) => tab.of("tea")), ["alpha", "", ""]);
});

test("a tab that shows what another has begun does not make it its own", () => {
  const [one, two] = tabs(2);
  one.save("tea", "alpha");
  two.save("tea", two.of("tea")); // it is shown
  assert.deepEqual(two.all, [{ room: "tea", text: "alpha" }]);
  one.save("tea", "");
  assert.equal(two.of("tea"), "", "and after it was sent it is gone here, too");
});

test("a room that is forgotten has no draft, in this tab and in the next", () => {
  const [one, two] = tabs(2);
  one.save("tea", "alpha");
  one.save("lobby", "beta");
  one.forget("tea");
  assert.deepEqual(one.all, [{ room: "lobby", text: "beta" }]);
  assert.equal(two.of("tea"), "");
});
