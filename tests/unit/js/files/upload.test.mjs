import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { Protocol } from "../../../../web/static/js/files/protocol.js";
import { Upload } from "../../../../web/static/js/files/upload.js";
import { settled } from "../fakes.mjs";
import { FakeServer } from "./server.mjs";

const MIB = 1 << 20;
let server;

describe("one file is uploaded", () => {
  beforeEach(() => (server = new FakeServer()));

  function upload(text, address = null, name = "notes.txt") {
    const blob = new Blob([text]);
    return new Upload("lobby", { name, size: blob.size, blob }, new Protocol(server.request), address);
  }

  async function until(met) {
    for (let tries = 0; !met(); tries += 1) {
      assert.ok(tries < 1000, `never: ${met}`);
      await settled();
    }
  }

  // Lets the clock go on until it is so.
  async function later(t, met) {
    for (let tries = 0; !met(); tries += 1) {
      assert.ok(tries < 1000, `never: ${met}`);
      t.mock.timers.tick(1_000);
      await settled();
    }
  }

  test("a file arrives whole, under its name", async () => {
    const one = upload("hello", null, "año → 😀.txt");
    await one.run();
    assert.deepEqual([one.state, one.id, one.sent], ["done", "file1", 5]);
    assert.equal(server.text("file1"), "hello");
    assert.equal(server.files.get("file1").name, "año → 😀.txt");
  });

  test("a large file comes in pieces that grow on a quick line, up to what the server takes", async () => {
    const one = upload("x".repeat(20 * MIB));
    const seen = [];
    one.addEventListener("change", () => seen.push(one.sent));
    await one.run();
    assert.deepEqual(server.asked, ["POST", ...[0, 1, 3, 7, 12, 17].map((at) => `PATCH ${at * MIB}`)]);
    assert.equal(server.files.get("file1").data.length, 20 * MIB);
    assert.deepEqual(seen, seen.toSorted((a, b) => a - b), "progress never goes back");
  });

  test("after a break it goes on where it was, also within a piece", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
    server.breaks = [3, 0];
    const one = upload("one two three");
    one.run();
    await later(t, () => one.state === "done");
    assert.equal(server.text("file1"), "one two three");
    assert.deepEqual(server.asked, ["POST", "PATCH 0", "HEAD", "PATCH 3", "HEAD", "PATCH 3"]);
  });

  test("while there is no network it waits, says so, and goes on at once when there is one", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    server.offline = true;
    const one = upload("hello");
    one.run();
    await until(() => one.state === "waiting");
    assert.equal(one.problem, "unanswered");
    server.offline = false;
    one.hurry();
    await until(() => one.state === "done");
  });

  test("an answer that was lost with the last piece is asked for, and nothing is brought twice", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    server.breaks = [5];
    const one = upload("hello");
    one.run();
    await later(t, () => one.state === "done");
    assert.deepEqual(server.asked, ["POST", "PATCH 0", "HEAD"]);
  });

  test("an upload that was announced before goes on there, without being announced again", async () => {
    server.files.set("old", { name: "notes.txt", size: 5, data: Buffer.from("hel") });
    const one = upload("hello", "/uploads/lobby/old");
    await one.run();
    assert.deepEqual([one.id, server.text("old")], ["old", "hello"]);
    assert.deepEqual(server.asked, ["HEAD", "PATCH 3"]);
  });

  test("an upload that the server has forgotten begins again", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const one = upload("hello", "/uploads/lobby/forgotten");
    one.run();
    await later(t, () => one.state === "done");
    assert.equal(server.text("file1"), "hello");
  });

  test("one that is forgotten in the middle begins again", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    server.breaks = [2];
    const one = upload("hello");
    one.run();
    await until(() => one.state === "waiting");
    server.files.clear();
    await later(t, () => one.state === "done");
    assert.equal(server.text(one.id), "hello");
  });

  test("a refusal ends it, and says why", async () => {
    server.refusals = [{ status: 413, error: "too_long", reason: "file_too_large", megabytes: 100 }];
    const one = upload("hello");
    await one.run();
    assert.equal(one.state, "failed");
    assert.equal(one.refusal.reason, "file_too_large");
    assert.equal(one.refusal.megabytes, 100);
  });

  test("what is only too much or too early is tried again", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    server.refusals = [{ status: 429, error: "rate_limited", retry_after: 2 }, { status: 503, error: "unavailable" }];
    const one = upload("hello");
    one.run();
    await later(t, () => one.state === "done");
  });

  test("a cancelled upload ends in the middle, and the server is told", async () => {
    server.holding = true;
    const one = upload("hello");
    const ran = one.run();
    await until(() => server.held.length === 1);
    one.cancel();
    server.held[0]();
    await ran;
    await until(() => server.asked.at(-1) === "DELETE");
    assert.notEqual(one.state, "done");
    assert.equal(server.files.size, 0);
  });

  test("a file that cannot be read, such as a folder, is refused and not tried for ever", async () => {
    const gone = { size: 4096, slice: () => ({ arrayBuffer: () => Promise.reject(new DOMException("", "NotFoundError")) }) };
    const one = new Upload("lobby", { name: "folder", size: 4096, blob: gone }, new Protocol(server.request));
    await one.run();
    assert.deepEqual([one.state, one.refusal.error], ["failed", "file_unreadable"]);
    assert.deepEqual(server.asked, []);
  });

  test("a page of a proxy is no refusal", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const honest = server.request;
    let pages = 2;
    server.request = (...asked) => (pages-- > 0 ? { status: 502, text: "<html>", header: () => null } : honest(...asked));
    const one = upload("hello");
    one.run();
    await later(t, () => one.state === "done");
  });
});
