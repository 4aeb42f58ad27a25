import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { Sender } from "../../../../web/static/js/model/sender.js";
import { Outbox } from "../../../../web/static/js/model/outbox.js";
import { Store } from "../../../../web/static/js/model/store.js";
import { FakeConnection, FakeStorage, settled } from "../fakes.mjs";

class FakeRoom extends EventTarget {
  name = "lobby";
  live = false;
  timeline = { high: 0 };
  rejoined = 0;

  becomes(live) {
    this.live = live;
    this.dispatchEvent(new Event("change"));
  }

  rejoin() {
    this.rejoined += 1;
  }
}

const NO_LOCKS = { request: (_name, work) => work() };

let answers; // what the server says next; after those, yes
let room;
let me;
let connection;
let outbox;
let sender;

describe("the messages of the outbox are sent", () => {
  beforeEach(() => {
    answers = [];
    room = new FakeRoom();
    me = Object.assign(new EventTarget(), { id: "ana", confirmed: true });
    let seq = 0;
    connection = new FakeConnection(() => answers.shift() ?? { ok: true, seq: ++seq });
    outbox = new Outbox(new Store(new FakeStorage(), "ana"));
    sender = new Sender(room, me, connection, outbox, NO_LOCKS);
  });

  const sent = () => connection.asked.map(([, text]) => text);
  const ids = () => connection.asked.map(([, , about]) => about.id);
  const states = () => outbox.entries("lobby").map((entry) => entry.state);

  function write(...texts) {
    for (const text of texts) outbox.add("lobby", text);
  }

  test("brings what was written, in order, once the room is live", async () => {
    write("one", "two", "three");
    await settled();
    assert.deepEqual(sent(), []);
    room.becomes(true);
    await settled();
    assert.deepEqual(sent(), ["one", "two", "three"]);
    assert.deepEqual(states(), ["sent", "sent", "sent"]);
  });

  test("never more than one is on its way", async () => {
    let answer;
    connection.answer = () => new Promise((resolve) => (answer = resolve));
    room.becomes(true);
    write("one", "two");
    await settled();
    assert.deepEqual(sent(), ["one"]);
    answer({ ok: true, seq: 1 });
    await settled();
    assert.deepEqual(sent(), ["one", "two"]);
  });

  for (const error of ["full", "unavailable", "unanswered", "something new"]) {
    test(`after "${error}" the same entry is tried again, with its id, before the next`, async (t) => {
      t.mock.timers.enable({ apis: ["setTimeout"] });
      answers = [{ ok: false, error }];
      room.becomes(true);
      write("one", "two");
      await settled();
      assert.deepEqual(sent(), ["one"]);
      assert.equal(sender.problem, error);
      t.mock.timers.tick(500);
      await settled();
      assert.deepEqual(sent(), ["one", "one", "two"]);
      assert.equal(ids()[0], ids()[1]);
      assert.equal(sender.problem, null);
    });
  }

  for (const error of ["empty", "too_long", "invalid", "no_such_room", "locked", "muted", "banned", "limit"]) {
    test(`"${error}" is final, and the next goes on`, async () => {
      answers = [{ ok: false, error, detail: "Why." }];
      room.becomes(true);
      write("bad", "good");
      await settled();
      assert.deepEqual(sent(), ["bad", "good"]);
      assert.deepEqual(states(), ["failed", "sent"]);
    });
  }

  for (const error of ["rate_limited", "slow"]) test(`"${error}" is waited out, whatever else is written meanwhile`, async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    answers = [{ ok: false, error, retry_after: 3 }];
    room.becomes(true);
    write("one");
    await settled();
    write("two");
    t.mock.timers.tick(2999);
    await settled();
    assert.deepEqual(sent(), ["one"]);
    t.mock.timers.tick(1);
    await settled();
    assert.deepEqual(sent(), ["one", "one", "two"]);
  });

  test("a limit that goes on is waited out each time as long as it takes, and nothing is marked as failed", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    room.becomes(true);
    const texts = [..."abcdefgh"];
    answers = texts.flatMap((_, n) => [{ ok: false, error: "rate_limited", retry_after: 1 }, { ok: true, seq: n + 1 }]);
    answers.unshift(...Array(6).fill({ ok: false, error: "rate_limited", retry_after: 1 }));
    write(...texts);
    for (let second = 0; second < 14; second++) {
      await settled();
      assert.equal(sender.problem, "rate_limited");
      assert.ok(!states().includes("failed"));
      t.mock.timers.tick(1000);
    }
    await settled();
    assert.deepEqual(states(), Array(8).fill("sent"));
    assert.deepEqual(sent().filter((text, n) => text !== sent()[n - 1]), texts);
    assert.equal(sender.problem, null);
  });

  test("a room that becomes live again does not let it wait", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    answers = [{ ok: false, error: "unanswered" }];
    room.becomes(true);
    write("one");
    await settled();
    room.becomes(false);
    room.becomes(true);
    await settled();
    assert.deepEqual(sent(), ["one", "one"]);
  });

  test("not in the room: joins it again", async () => {
    answers = [{ ok: false, error: "not_joined" }];
    room.becomes(true);
    write("one");
    await settled();
    assert.equal(room.rejoined, 1);
  });

  test("what another tab brought while this one waited for the lock is not sent again", async () => {
    const locks = {
      async request(_name, work) {
        outbox.discard(outbox.next("lobby"));
        return work();
      },
    };
    const waiting = new FakeRoom();
    new Sender(waiting, me, connection, outbox, locks);
    write("one");
    waiting.becomes(true);
    await settled();
    assert.deepEqual(sent(), []);
    assert.deepEqual(outbox.entries("lobby"), []);
  });

  test("a problem is over when nothing is left to send", async () => {
    answers = [{ ok: false, error: "unavailable" }];
    room.becomes(true);
    write("one");
    await settled();
    assert.equal(sender.problem, "unavailable");
    outbox.discard(outbox.next("lobby"));
    room.becomes(false);
    room.becomes(true);
    await settled();
    assert.equal(sender.problem, null);
  });

  test("sends nothing before the server takes us for whom we are", async () => {
    me.confirmed = false;
    room.becomes(true);
    write("one");
    await settled();
    assert.deepEqual(sent(), []);
    me.confirmed = true;
    me.dispatchEvent(new Event("change"));
    await settled();
    assert.deepEqual(sent(), ["one"]);
  });

  test("a message that the server hangs up on three times is not tried for ever, and holds up nothing", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    connection.hungUp = true;
    answers = Array(3).fill({ ok: false, error: "unanswered" });
    room.becomes(true);
    write("too much", "next");
    for (let times = 0; times < 3; times += 1) {
      await settled();
      t.mock.timers.tick(10_000);
    }
    await settled();
    assert.deepEqual(sent(), ["too much", "too much", "too much", "next"]);
    assert.deepEqual(states(), ["failed", "sent"]);
  });
});
