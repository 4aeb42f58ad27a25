// The drafts of several tabs.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Drafts } from "../../../../web/static/js/model/drafts.js";
import { Store } from "../../../../web/static/js/model/store.js";
import { FakeStorage } from "../fakes.mjs";

const tabs = (count) => {
  const last = new Store(null, "a");
  return Array.from({ length: count }, () => new Drafts(new Store(null, "a"), last));
};

const keysOf = (storage) => Array.from({ length: storage.length }, (_, index) => storage.key(index));

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
  const [ofTab, ofBrowser] = [new FakeStorage(), new FakeStorage()];
  const one = new Drafts(new Store(ofTab, "a"), new Store(ofBrowser, "a"));
  one.save("tea", "alpha");
  one.save("lobby", "beta");
  one.answer("tea", { seq: 3, id: "id3" });
  one.forget("tea");
  assert.deepEqual(one.all, [{ room: "lobby", text: "beta" }]);
  assert.equal(one.replyOf("tea"), null);
  for (const storage of [ofTab, ofBrowser]) assert.deepEqual(keysOf(storage), ["tertulia/a/draft/lobby"]);
});

test("what a draft answers is kept with it, also when the page or the tab is closed", () => {
  const [ofTab, ofBrowser] = [new FakeStorage(), new FakeStorage()];
  const opened = (storage) => new Drafts(new Store(storage, "a"), new Store(ofBrowser, "a"));
  const reply = { seq: 3, id: "id3" };
  const one = opened(ofTab);
  one.answer("tea", reply);
  one.save("tea", "alpha");
  one.save("lobby", "beta");
  for (const other of [opened(ofTab), opened(new FakeStorage())]) {
    assert.deepEqual([other.of("tea"), other.replyOf("tea")], ["alpha", reply]);
    assert.equal(other.replyOf("lobby"), null);
  }
  one.answer("tea", null);
  one.save("tea", "");
  assert.deepEqual([opened(ofTab).replyOf("tea"), opened(new FakeStorage()).replyOf("tea")], [null, null]);
  assert.deepEqual(keysOf(ofBrowser).filter((key) => key.endsWith("/tea")), [], "nothing is left of it");
});

test("what one tab answers is not what another one's own draft answers", () => {
  const [one, two] = tabs(2);
  two.save("tea", "beta");
  one.answer("tea", { seq: 3, id: "id3" });
  assert.equal(two.replyOf("tea"), null);
  two.answer("tea", { seq: 4, id: "id4" });
  one.answer("tea", null);
  assert.deepEqual([one.replyOf("tea"), two.replyOf("tea").seq], [null, 4]);
});
