import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { TypingNotifier } from "../../../../web/static/js/model/typingnotifier.js";
import { Typing } from "../../../../web/static/js/model/typing.js";

const ana = { id: "1", name: "Ana" };

describe("it is told who types", () => {
  beforeEach((t) => t.mock.timers.enable({ apis: ["setTimeout", "Date"] }));

  test("ends by itself when nothing more is heard", (t) => {
    const typing = new Typing();
    typing.update({ room: "lobby", author: ana, typing: true });
    t.mock.timers.tick(4000);
    typing.update({ room: "lobby", author: ana, typing: true });
    t.mock.timers.tick(5999);
    assert.deepEqual(typing.in("lobby"), [ana]);
    t.mock.timers.tick(1);
    assert.deepEqual(typing.in("lobby"), []);
  });

  test("is told of one room at a time", () => {
    const typing = new Typing();
    typing.update({ room: "kitchen", author: ana, typing: true });
    assert.deepEqual(typing.in("lobby"), []);
    typing.update({ room: "kitchen", author: ana, typing: false });
    assert.deepEqual(typing.in("kitchen"), []);
  });

  test("typingNotifier says so seldom, and that it ended", (t) => {
    const told = [];
    const typingNotifier = new TypingNotifier((room, typing) => told.push([room, typing]));
    for (let letters = 1; letters < 30; letters++) {
      typingNotifier.typed("lobby", "x".repeat(letters));
      t.mock.timers.tick(200);
    }
    assert.deepEqual(told, [["lobby", true], ["lobby", true]]);
    t.mock.timers.tick(5000);
    assert.deepEqual(told.at(-1), ["lobby", false]);
    typingNotifier.typed("lobby", "y");
    typingNotifier.typed("lobby", "");
    assert.deepEqual(told.slice(3), [["lobby", true], ["lobby", false]]);
    typingNotifier.stop();
    assert.equal(told.length, 5, "what ended does not end again");
  });

  test("what is sent ends the typing by itself, and however much is sent, little is said of it", (t) => {
    const told = [];
    const typingNotifier = new TypingNotifier((room, typing) => told.push([room, typing]));
    for (let messages = 0; messages < 20; messages++) {
      typingNotifier.typed("lobby", "quick");
      typingNotifier.sent();
      t.mock.timers.tick(100);
    }
    assert.deepEqual(told, Array(3).fill(["lobby", true]), "in two seconds");
    t.mock.timers.tick(5000);
    assert.equal(told.length, 3, "and nothing ends later");
  });
});
