import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { Outbox } from "../../../../web/static/js/model/outbox.js";
import { Protocol } from "../../../../web/static/js/files/protocol.js";
import { Store } from "../../../../web/static/js/model/store.js";
import { Uploads } from "../../../../web/static/js/files/uploads.js";
import { FakeStorage, settled } from "../fakes.mjs";
import { FakeServer } from "./server.mjs";

// A browser's database: lasts as long as the test, for all pages of it.
class FakeBlobs {
  kept = new Map();
  refuses = false;

  async put(key, blob) {
    if (!this.refuses) this.kept.set(key, blob);
    return !this.refuses;
  }

  async get(key) {
    return this.kept.get(key) ?? null;
  }

  async keys() {
    return [...this.kept.keys()];
  }

  async delete(key) {
    this.kept.delete(key);
  }
}

// As the Web Locks of one browser.
class FakeLocks {
  #held = new Map();

  async request(name, work) {
    const before = this.#held.get(name);
    const done = (async () => {
      await before;
      return work();
    })();
    this.#held.set(name, done);
    return done;
  }
}

const me = { id: "ana" };
let server;
let storage;
let blobs;
let locks;
let outbox;
let uploads;

describe("files are uploaded beside the messages that carry them", () => {
  beforeEach(() => {
    server = new FakeServer();
    storage = new FakeStorage();
    blobs = new FakeBlobs();
    locks = new FakeLocks();
    [outbox, uploads] = page();
  });

  function page(request = server.request) {
    const outbox = new Outbox(new Store(storage, me.id));
    return [outbox, new Uploads({ outbox, protocol: new Protocol(request), blobs, locks, me })];
  }

  async function until(met) {
    for (let tries = 0; !met(); tries += 1) {
      assert.ok(tries < 1000, `never: ${met}`);
      await settled();
    }
  }

  const named = (name, text = name) => new File([text], name);
  const add = (...names) => names.map((name) => uploads.add("lobby", named(name)));

  function send(text, keys) {
    outbox.add("lobby", text, { files: uploads.take(keys) });
  }

  const waiting = (from = outbox) => from.entries("lobby");
  const done = (keys, from = uploads) => keys.every((key) => from.of(key).upload.state === "done");
  const arrived = () => [...server.files.values()].map(({ data }) => data.toString());
  const free = () => {
    server.holding = false;
    for (const go of server.held.splice(0)) go();
  };

  test("files are uploaded while their message is written, and it can be sent at once", async () => {
    const keys = add("one", "two");
    await until(() => done(keys));
    send("look", keys);
    assert.deepEqual(outbox.next("lobby").files.map(({ id }) => id), ["file1", "file2"]);
    assert.equal(waiting()[0].saved, true, "nothing of it would be lost with the page");
  });

  test("a message waits until its last file has arrived, and its files keep their order", async () => {
    server.holding = true;
    const keys = add("one", "two");
    send("look", keys);
    await until(() => server.held.length === 2);
    server.held.splice(1, 1)[0]();
    await until(() => waiting()[0].files[1].id);
    assert.equal(outbox.next("lobby"), undefined);
    free();
    await until(() => outbox.next("lobby"));
    assert.deepEqual(outbox.next("lobby").files.map(({ name }) => name), ["one", "two"]);
  });

  test("messages without files do not wait for those with files", async () => {
    server.holding = true;
    send("the film", add("film"));
    outbox.add("lobby", "it takes a while");
    assert.equal(outbox.next("lobby").text, "it takes a while");
    assert.deepEqual(waiting().map(({ text }) => text), ["the film", "it takes a while"], "the order is that of writing");
    free();
    await until(() => outbox.next("lobby").text === "the film");
  });

  test("three are uploaded at once, and the others in their turn", async () => {
    server.holding = true;
    const keys = add("one", "two", "three", "four", "five");
    await until(() => server.held.length === 3);
    for (let tries = 0; tries < 20; tries += 1) await settled();
    assert.equal(server.held.length, 3);
    free();
    await until(() => done(keys));
    assert.equal(server.mostAtOnce, 3);
  });

  test("a file that was refused does not hold up the others, and may be tried again", async () => {
    server.refusals = [{ status: 429, error: "limit", reason: "files_bytes_per_day" }];
    const [one, two] = add("one", "two");
    await until(() => uploads.of(one).upload.state === "failed" && done([two]));
    uploads.retry(one);
    await until(() => done([one]));
  });

  test("one that is removed is not brought, and its place is free", async () => {
    server.holding = true;
    const keys = add("one", "two", "three", "four");
    await until(() => server.held.length === 3);
    uploads.remove(keys[0]);
    free();
    await until(() => done(keys.slice(1)));
    assert.equal(uploads.of(keys[0]), undefined);
    assert.deepEqual(arrived().toSorted(), ["four", "three", "two"]);
  });

  test("a reload goes on where the uploads were", async () => {
    server.holding = true;
    const keys = add("one", "two");
    send("look", keys);
    assert.equal(waiting()[0].saved, false, "not yet");
    await until(() => server.held.length === 2);
    await until(() => waiting()[0].saved);
    const half = server.files.get("file1");
    half.data = Buffer.from("on");
    locks = new FakeLocks(); // the old page is gone
    server.holding = false;
    server.asked = [];
    const [reloaded] = page();
    await until(() => reloaded.next("lobby"));
    assert.deepEqual(reloaded.next("lobby").files.map(({ id }) => id), ["file1", "file2"]);
    assert.deepEqual(arrived(), ["one", "two"]);
    assert.ok(!server.asked.includes("POST"), "nothing is announced a second time");
  });

  test("where the browser keeps no files the message says so, and after a reload what was lost", async () => {
    blobs.refuses = true;
    server.holding = true;
    send("look", add("one"));
    await until(() => server.held.length === 1);
    assert.equal(waiting()[0].saved, false);
    locks = new FakeLocks();
    const [reloaded] = page();
    await until(() => waiting(reloaded)[0].state === "failed");
    assert.equal(waiting(reloaded)[0].refusal.error, "file_gone");
    assert.equal(waiting(reloaded)[0].text, "look");
  });

  test("a refusal of a file is its message's", async () => {
    server.holding = true;
    server.refusals = [null, { status: 415, error: "invalid", reason: "file_kind", kind: "video/mp4" }];
    send("look", add("one", "film"));
    await until(() => waiting()[0].state === "failed");
    assert.equal(waiting()[0].refusal.reason, "file_kind");
    free();
    outbox.retry(waiting()[0]);
    await until(() => outbox.next("lobby"));
    assert.deepEqual(outbox.next("lobby").files.map(({ name }) => name), ["one", "film"]);
  });

  test("what was sent, and what was discarded, leaves nothing in the browser", async () => {
    const keys = add("one");
    server.holding = true;
    send("look", keys);
    send("and this", add("two"));
    await until(() => blobs.kept.size === 2);
    free();
    await until(() => outbox.next("lobby")?.text === "look");
    outbox.sent(outbox.next("lobby"), 7, 6);
    outbox.discard(waiting().find(({ text }) => text === "and this"));
    await until(() => blobs.kept.size === 0);
    assert.equal(uploads.of(keys[0]), undefined);
  });

  test("a message that is discarded ends its uploads", async () => {
    server.holding = true;
    send("look", add("one"));
    await until(() => server.held.length === 1);
    outbox.discard(waiting()[0]);
    free();
    await until(() => server.asked.includes("DELETE"));
    assert.equal(server.files.size, 0);
  });

  test("the files of a message that is written anew are uploaded once", async () => {
    const keys = add("one");
    await until(() => done(keys));
    send("look", keys);
    const entry = waiting()[0];
    assert.deepEqual(uploads.giveBack(entry), keys);
    outbox.discard(entry);
    send("look here", keys);
    assert.deepEqual(outbox.next("lobby").files.map(({ id }) => id), ["file1"]);
    assert.equal(server.asked.filter((each) => each === "POST").length, 1);
  });

  test("so are they after a reload", async () => {
    const keys = add("one");
    await until(() => done(keys));
    send("look", keys);
    const [reloaded, others] = page();
    const [entry] = waiting(reloaded);
    assert.deepEqual(others.giveBack(entry), keys);
    reloaded.discard(entry);
    assert.equal(others.take(keys)[0].id, "file1");
  });

  test("a file that the server let go is uploaded once more when the message is tried again", async () => {
    const keys = add("one");
    await until(() => done(keys));
    send("look", keys);
    outbox.fail(outbox.next("lobby"), { error: "invalid", reason: "no_such_file" });
    server.files.clear();
    outbox.retry(waiting()[0]);
    await until(() => outbox.next("lobby"));
    assert.equal(server.text(outbox.next("lobby").files[0].id), "one");
  });

  test("of two tabs one uploads a file, and the other one finds that it has arrived", async () => {
    server.holding = true;
    send("look", add("one"));
    await until(() => server.held.length === 1);
    const [other] = page();
    free();
    await until(() => outbox.next("lobby"));
    for (let tries = 0; tries < 20; tries += 1) await settled();
    assert.equal(other.reloaded(waiting(other)[0]).files[0].id, "file1");
    assert.deepEqual(server.asked, ["POST", "PATCH 0"]);
  });
});
