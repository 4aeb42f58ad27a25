import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { Levels } from "../../../../web/static/js/model/levels.js";
import { FakeConnection } from "../fakes.mjs";

let connection;
let levels;
let changes;

describe("each room has a level of notifications", () => {
  beforeEach(() => {
    connection = new FakeConnection(() => ({ ok: true }));
    levels = new Levels(connection);
    changes = 0;
    levels.addEventListener("change", () => (changes += 1));
  });

  test("a room tells of everything until another level is chosen", async () => {
    assert.equal(levels.of("tea"), "all");
    await levels.choose("tea", "none");
    assert.deepEqual([levels.of("tea"), levels.of("lobby"), changes], ["none", "all", 1]);
    assert.deepEqual(connection.asked, [["level", { room: "tea", level: "none" }]]);
  });

  test("what the server did not keep is not chosen", async () => {
    connection.answer = () => ({ ok: false, error: "unavailable" });
    assert.equal((await levels.choose("tea", "none")).error, "unavailable");
    assert.deepEqual([levels.of("tea"), changes], ["all", 0]);
  });

  test("a level that is chosen on another device is chosen here", () => {
    connection.dispatchEvent(new CustomEvent("level", { detail: { room: "tea", level: "mentions" } }));
    assert.deepEqual([levels.of("tea"), changes], ["mentions", 1]);
  });

  test("what is told of a room depends on its level", () => {
    const counts = { messages: 5, mentions: 2 };
    const told = (level) => levels.take("tea", level) ?? levels.told("tea", counts);
    assert.deepEqual(told("mentions"), { unread: 2, mentioned: true });
    assert.deepEqual(told("none"), { unread: 0, mentioned: false });
    assert.deepEqual(told("all"), { unread: 5, mentioned: true });
    assert.deepEqual(told("of another release"), { unread: 5, mentioned: true });
    assert.deepEqual(levels.told("tea", { messages: 3, mentions: 0 }), { unread: 3, mentioned: false });
  });
});
