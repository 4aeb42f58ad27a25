import assert from "node:assert/strict";
import { beforeEach, describe, mock, test } from "node:test";
import { Backoff } from "../../../../web/static/js/relay/backoff.js";
import { Connection } from "../../../../web/static/js/relay/connection.js";
import { FakeSocket, settled } from "../fakes.mjs";

let socket;
let connection;
let told;

describe("a connection is opened again after each loss", () => {
  beforeEach((t) => {
    t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
    socket = new FakeSocket();
    connection = new Connection(socket, new Backoff({ first: 1000, most: 4000, random: () => 1 }));
    told = [];
    for (const type of ["up", "down"]) connection.addEventListener(type, () => told.push(type));
  });

  test("tries again after each failure, later each time, and says when", (t) => {
    connection.open();
    socket.happens("connect_error", new Error("xhr poll error"));
    assert.equal(connection.nextTry, 1000);
    t.mock.timers.tick(1000);
    assert.equal(socket.connects, 2);
    assert.equal(connection.nextTry, null);
    socket.happens("connect_error", new Error("xhr poll error"));
    assert.equal(connection.nextTry, 3000);
    assert.equal(connection.refusal, null);
  });

  test("comes back after a loss", (t) => {
    connection.open();
    socket.happens("connect");
    socket.happens("disconnect", "io server disconnect");
    t.mock.timers.tick(1000);
    assert.equal(socket.connects, 2);
    socket.happens("connect");
    assert.deepEqual(told, ["up", "down", "up"]);
  });

  test("keeps what the server said when it refused, until it does not", () => {
    connection.open();
    socket.active = false;
    const data = { error: "banned", detail: "You are banned for an hour.", retry_after: 3600 };
    socket.happens("connect_error", Object.assign(new Error(data.detail), { data }));
    assert.deepEqual(connection.refusal, data);
    socket.happens("connect");
    assert.equal(connection.refusal, null);
  });

  test("does not wait for ever for a server that took the connection and says nothing", (t) => {
    connection.open();
    t.mock.timers.tick(15_000);
    assert.equal(connection.nextTry, 16_000);
    t.mock.timers.tick(1000);
    assert.equal(socket.connects, 2);
  });

  test("stays as it is once it is up", (t) => {
    connection.open();
    socket.happens("connect");
    t.mock.timers.tick(60_000);
    assert.equal(socket.connects, 1);
    assert.equal(connection.connected, true);
  });

  test("opening by hand ends the wait", (t) => {
    connection.open();
    socket.happens("connect_error", new Error("xhr poll error"));
    connection.open();
    assert.deepEqual([socket.connects, connection.nextTry], [2, null]);
    t.mock.timers.tick(14_999);
    assert.equal(socket.connects, 2, "the try that was planned is not made besides");
  });

  test("asks only while connected, and no answer is an answer", async () => {
    const unanswered = { ok: false, error: "unanswered" };
    assert.deepEqual(await connection.ask("join", {}), unanswered);
    assert.deepEqual(socket.emitted, []);
    socket.happens("connect");
    assert.deepEqual(await connection.ask("join", { room: "lobby" }), { ok: true });
    socket.answer = () => Promise.reject(new Error("operation has timed out"));
    assert.deepEqual(await connection.ask("join", {}), unanswered);
    socket.answer = async () => undefined;
    assert.deepEqual(await connection.ask("join", {}), unanswered);
  });

  test("an event about an entry is one, whatever it is called", () => {
    const heard = mock.fn();
    connection.addEventListener("entry", (event) => heard(event.detail));
    const place = { room: "lobby", seq: 2, epoch: "first" };
    socket.happens("deleted", { deletes: 1, ...place });
    socket.happens("wondered", { wonders: true, ...place });
    socket.happens("typing", { room: "lobby", typing: true });
    assert.deepEqual(heard.mock.calls.map(({ arguments: [entry] }) => entry), [{ deletes: 1, ...place }, { wonders: true, ...place }]);
  });

  test("goes to another worker at once when the server says so, after the answers under way", async (t) => {
    connection.open();
    socket.happens("connect");
    let answers;
    socket.answer = () => new Promise((resolve) => (answers = resolve));
    const asked = connection.ask("message", "one");
    socket.happens("moved", { within: 1 });
    await settled();
    assert.equal(socket.connects, 1, "an answer is under way");
    answers({ ok: true });
    assert.deepEqual(await asked, { ok: true });
    await settled();
    assert.equal(socket.connects, 2);
    assert.equal(connection.moving, true);
    socket.happens("connect");
    t.mock.timers.tick(5_000);
    assert.equal(connection.moving, false);
    assert.deepEqual(told, ["up", "down", "up"]);
  });

  test("does not wait for an answer longer than the server does", async (t) => {
    connection.open();
    socket.happens("connect");
    socket.answer = () => new Promise(() => {});
    connection.ask("message", "one");
    socket.happens("moved", { within: 1 });
    t.mock.timers.tick(500);
    await settled();
    assert.equal(socket.connects, 2);
  });

  test("a move is tried again when it fails, and a loss like any other when it takes too long", async (t) => {
    connection.open();
    socket.happens("connect");
    socket.happens("moved", { within: 1 });
    await settled();
    socket.happens("connect_error", new Error("xhr poll error"));
    assert.equal(connection.moving, true);
    assert.equal(connection.nextTry, Date.now() + 1000);
    t.mock.timers.tick(5_000);
    assert.equal(connection.moving, false);
  });

  test("a move that the server refuses is a loss at once", async (t) => {
    connection.open();
    socket.happens("connect");
    socket.happens("moved", { within: 1 });
    await settled();
    socket.active = false;
    socket.happens("connect_error", Object.assign(new Error("Sign in."), { data: { error: "signed_out" } }));
    assert.equal(connection.moving, false);
  });

  test("a connection that breaks each time it is there is opened ever less often, until one lasts", (t) => {
    const waits = [];
    connection.open();
    for (let times = 0; times < 4; times += 1) {
      socket.happens("connect");
      socket.happens("disconnect", "transport close");
      waits.push(connection.nextTry - Date.now());
      t.mock.timers.tick(waits.at(-1));
    }
    assert.deepEqual(waits, [1_000, 2_000, 4_000, 4_000]);
    socket.happens("connect");
    t.mock.timers.tick(10_000);
    socket.happens("disconnect", "transport close");
    assert.equal(connection.nextTry - Date.now(), 1_000);
  });

  for (const [details, hungUp] of [
    [{ description: "websocket connection closed", context: { code: 1009 } }, true],
    [{ description: "websocket connection closed", context: { code: 1000 } }, true],
    [{ description: "websocket connection closed", context: { code: 1006 } }, false],
    [{ description: "websocket connection closed", context: { code: 1012 } }, false],
    [Object.assign(new Error("xhr post error"), { description: 400, context: {} }), true],
    [Object.assign(new Error("xhr post error"), { description: 0, context: {} }), false],
    [undefined, false],
  ]) {
    test(`knows whether the server hung up on purpose: ${details?.context?.code ?? details?.description}`, () => {
      connection.open();
      socket.happens("connect");
      socket.happens("disconnect", "transport close", details);
      assert.equal(connection.hungUp, hungUp);
    });
  }

  test("connects anew at once when the person has another name", async () => {
    connection.open();
    socket.happens("connect");
    connection.renew();
    await settled();
    assert.equal(socket.connects, 2);
    assert.equal(connection.moving, true);
  });

  test("a connection that was closed stays so, also while it would try again", (t) => {
    connection.open();
    socket.happens("connect");
    connection.close();
    t.mock.timers.tick(60_000);
    assert.deepEqual([socket.connects, connection.connected], [1, false]);
  });

  test("closing ends the tries", (t) => {
    connection.open();
    socket.happens("connect_error", new Error("xhr poll error"));
    connection.close();
    t.mock.timers.tick(60_000);
    assert.equal(socket.connects, 1);
  });
});
