import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { Excerpt } from "../../../../web/static/js/model/excerpt.js";
import { FakeConnection, numbered, seqs } from "../fakes.mjs";

const HEAD = 1000;

let excerpt;

describe("an excerpt is read apart from the end of its room", () => {
  beforeEach(() => {
    const connection = new FakeConnection((_event, { before, after, limit }) => {
      const all = numbered(...Array.from({ length: HEAD }, (_, index) => index + 1));
      const messages = before ? all.slice(Math.max(0, before - 1 - limit), before - 1) : all.slice(after, after + limit);
      return { ok: true, epoch: "first", messages, more: true };
    });
    const room = { name: "lobby", timeline: { epoch: "first", low: 801 } };
    excerpt = new Excerpt(room, connection);
  });

  const ends = () => [seqs(excerpt.timeline.entries)[0], excerpt.timeline.high];

  test("is what stands around a message", async () => {
    assert.equal(await excerpt.around(500), true);
    assert.deepEqual(ends(), [401, 600]);
  });

  test("grows at both ends until it meets what the room has", async () => {
    await excerpt.around(500);
    await excerpt.wantOlder();
    await excerpt.wantNewer();
    assert.deepEqual(ends(), [301, 700]);
    assert.equal(excerpt.isContiguous, false);
    await excerpt.wantNewer();
    assert.equal(excerpt.isContiguous, true);
    await excerpt.wantNewer();
    assert.deepEqual(ends(), [301, 800]);
  });

  test("there is none around a message that does not exist", async () => {
    assert.equal(await excerpt.around(HEAD + 5), false);
  });
});
