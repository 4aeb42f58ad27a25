import assert from "node:assert/strict";
import { test } from "node:test";
import { Store } from "../../../../web/static/js/model/store.js";
import { FakeStorage } from "../fakes.mjs";

test("what is set is there for the next page", () => {
  const storage = new FakeStorage();
  new Store(storage, "ana").set("a/1", { text: "x" });
  const next = new Store(storage, "ana");
  assert.deepEqual(next.get("a/1"), { text: "x" });
  assert.deepEqual(next.keys("a/"), ["a/1"]);
  assert.equal(next.lasts("a/1"), true);
});

test("a full disk costs nothing while the page is open, and is said", () => {
  const storage = new FakeStorage();
  storage.full = true;
  const store = new Store(storage, "ana");
  store.set("a/1", "x");
  assert.equal(store.get("a/1"), "x");
  assert.deepEqual(store.keys("a/"), ["a/1"]);
  assert.equal(store.lasts("a/1"), false);
  storage.full = false;
  store.set("a/1", "y");
  assert.equal(store.lasts("a/1"), true);
});

test("works without any storage", () => {
  const store = new Store(null, "ana");
  store.set("a/1", "x");
  assert.equal(store.get("a/1"), "x");
  store.delete("a/1");
  assert.equal(store.get("a/1"), null);
  assert.deepEqual(store.keys(""), []);
});

test("what others keep there is left alone, and rubbish is nothing", () => {
  const storage = new FakeStorage();
  storage.setItem("theirs", "1");
  storage.setItem("tertulia/ana/a", "{not json");
  const store = new Store(storage, "ana");
  assert.deepEqual(store.keys(""), []);
  assert.equal(store.get("a"), null);
});

test("one person's things are not another's", () => {
  const storage = new FakeStorage();
  const ana = new Store(storage, "ana");
  const ben = new Store(storage, "ben");
  ana.set("draft", "x");
  assert.equal(ben.get("draft"), null);
  assert.deepEqual(ben.keys(""), []);
  assert.equal(new Store(storage, "ana").get("draft"), "x", "and are there when she comes back");
});

test("who goes for good leaves nothing, and takes nothing of others", () => {
  const storage = new FakeStorage();
  const [ana, ben] = ["ana", "ben"].map((person) => new Store(storage, person));
  for (const each of [ana, ben]) for (const key of ["a", "b", "c"]) each.set(key, 1);
  ana.clear();
  assert.deepEqual(ana.keys(""), []);
  assert.equal(ben.keys("").length, 3);
});

test("reading asks the memory, and what another tab did is heeded", () => {
  const storage = new FakeStorage();
  const [one, other] = [1, 2].map(() => new Store(storage, "ana"));
  other.set("a", 1);
  assert.equal(one.get("a"), null);
  assert.deepEqual(one.reloadChanged({ key: "tertulia/ben/a" }), []);
  assert.deepEqual(one.reloadChanged({ key: "tertulia/ana/a" }), ["a"]);
  assert.equal(one.get("a"), 1);
  storage.getItem = () => assert.fail("it is in memory");
  assert.equal(one.get("a"), 1);
});
