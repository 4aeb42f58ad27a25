import assert from "node:assert/strict";
import { beforeEach, describe, mock, test } from "node:test";
import { Backoff } from "../../../../web/static/js/relay/backoff.js";
import { Connection } from "../../../../web/static/js/model/connection.js";
import { FakeSocket } from "../fakes.mjs";

let socket;
let connection;

describe("the chat's connection tells what it hears", () => {
  beforeEach((t) => {
    t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
    t.mock.method(console, "log", () => {});
    socket = new FakeSocket();
    connection = new Connection(socket, new Backoff({ first: 1000, most: 4000, random: () => 1 }));
  });

  test("a response is one entry", () => {
    const heard = mock.fn();
    connection.addEventListener("entry", (event) => heard(event.detail));
    socket.happens("response", "hi", { room: "lobby", seq: 1 });
    assert.deepEqual(heard.mock.calls[0].arguments, [{ text: "hi", room: "lobby", seq: 1 }]);
  });

  test("passes on what the chat says besides", () => {
    const heard = mock.fn();
    for (const event of ["presence", "typing", "rules", "muted", "purged"]) {
      connection.addEventListener(event, ({ type, detail }) => heard(type, detail.room));
      socket.happens(event, { room: event });
    }
    assert.deepEqual(heard.mock.calls.map(({ arguments: [type, room] }) => type === room), Array(5).fill(true));
  });

  test("a banned person's page tries again when half a minute has passed", () => {
    connection.open();
    socket.active = false;
    socket.happens("connect_error", Object.assign(new Error("You are banned."), { data: { error: "banned" } }));
    assert.equal(connection.nextTry, 30_000);
  });
});
