import assert from "node:assert/strict";
import { test } from "node:test";
import { Store } from "../../../web/static/js/store.js";
import { FakeStorage } from "./fakes.mjs";

test("what is set is there for the next page", () => {
  const storage = new FakeStorage();
  new Store(storage).set("a/1", { text: "x" });
  const next = new Store(storage);
  assert.deepEqual(next.get("a/1"), { text: "x" });
  assert.deepEqual(next.keys("a/"), ["a/1"]);
  assert.equal(next.lasts("a/1"), true);
});

test("a full disk costs nothing while the page is open, and is said", () => {
  const storage = new FakeStorage();
  storage.full = true;
  const store = new Store(storage);
  store.set("a/1", "x");
  assert.equal(store.get("a/1"), "x");
  assert.deepEqual(store.keys("a/"), ["a/1"]);
  assert.equal(store.lasts("a/1"), false);
  storage.full = false;
  store.set("a/1", "y");
  assert.equal(store.lasts("a/1"), true);
});

test("works without any storage", () => {
  const store = new Store(null);
  store.set("a/1", "x");
  assert.equal(store.get("a/1"), "x");
  store.delete("a/1");
  assert.equal(store.get("a/1"), null);
  assert.deepEqual(store.keys(""), []);
});

test("what others keep there is left alone, and rubbish is nothing", () => {
  const storage = new FakeStorage();
  storage.setItem("theirs", "1");
  storage.setItem("tertulia/a", "{not json");
  const store = new Store(storage);
  assert.deepEqual(store.keys(""), ["a"]);
  assert.equal(store.get("a"), null);
});
