import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { Descriptions } from "../../../../web/static/js/model/descriptions.js";
import { Store } from "../../../../web/static/js/model/store.js";
import { FakeStorage } from "../fakes.mjs";

const OPEN = { kind: "open", title: "", topic: "" };
const PLANS = { kind: "private", title: "Plans", topic: "Spring", maker: true };

let storage;
let descriptions;
let changes;

describe("what rooms are called is known to the next page", () => {
  beforeEach(() => {
    storage = new FakeStorage();
    descriptions = new Descriptions(new Store(storage, "1"));
    changes = 0;
    descriptions.addEventListener("change", () => (changes += 1));
  });

  test("a room of which nothing is known, or nothing special, is open and takes no place in the storage", () => {
    assert.deepEqual(descriptions.of("tea"), OPEN);
    for (const about of [undefined, OPEN]) descriptions.learn("tea", about);
    assert.deepEqual([descriptions.of("tea"), storage.length, changes], [OPEN, 0, 0]);
  });

  test("what is said of a room is kept for the next page", () => {
    descriptions.learn("p-1", PLANS);
    assert.deepEqual(new Descriptions(new Store(storage, "1")).of("p-1"), PLANS);
    descriptions.learn("p-1", { ...PLANS });
    assert.equal(changes, 1, "the same once more changes nothing");
  });

  test("a new title leaves the rest as it is; what is no longer said is no longer so", () => {
    descriptions.learn("p-1", PLANS);
    descriptions.change("p-1", { room: "p-1", title: "Pläne", topic: "" });
    assert.deepEqual(descriptions.of("p-1"), { ...PLANS, title: "Pläne", topic: "" });
    descriptions.learn("p-1", { kind: "private", title: "Plans", topic: "Spring" });
    assert.equal(descriptions.of("p-1").maker, undefined);
  });

  test("a room that is forgotten leaves nothing in the storage, nor does an open one that lost its title", () => {
    for (const room of ["p-1", "tea"]) descriptions.learn(room, PLANS);
    descriptions.forget("p-1");
    descriptions.learn("tea", OPEN);
    assert.equal(storage.length, 0);
  });

  test("a room is archived until it is brought back, whatever its title", () => {
    descriptions.learn("p-1", PLANS);
    descriptions.change("p-1", { title: "Plans", topic: "Spring", archived: true });
    descriptions.change("p-1", { title: "Pläne", topic: "" }); // by a server of an older release
    assert.equal(descriptions.of("p-1").archived, true);
    descriptions.change("p-1", { title: "Plans", topic: "Spring", archived: false });
    assert.deepEqual(descriptions.of("p-1"), PLANS);
  });

  test("the name of one of the others is erased, in the room where it was", () => {
    const others = [{ id: "2", name: "Ben" }, { id: "3", name: "Cleo" }];
    descriptions.learn("d-1", { kind: "direct", title: "", topic: "", others });
    descriptions.learn("p-1", PLANS);
    for (const room of ["d-1", "p-1", "tea"]) descriptions.erase(room, "2");
    assert.deepEqual(descriptions.of("d-1").others, [{ id: "2", name: "" }, { id: "3", name: "Cleo" }]);
    assert.deepEqual(descriptions.of("p-1"), PLANS);
    assert.deepEqual(descriptions.of("tea"), OPEN);
  });
});
