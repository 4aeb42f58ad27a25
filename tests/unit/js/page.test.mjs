// The page's modules, each by itself; the browser is as small as they need it.

import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { beforeEach, describe, it } from "node:test";

const js = new URL("../../../web/static/js/", import.meta.url);
const { connect } = await import(new URL("connection.js", js));
const { composer } = await import(new URL("composer.js", js));
const { newId } = await import(new URL("ids.js", js));
const { statusLine } = await import(new URL("status.js", js));
const { words } = await import(new URL("words.js", js));

console.log = () => {};

class Socket extends EventEmitter {
  sent = [];
  answer = async () => ({ ok: true });

  timeout() {
    return { emitWithAck: (...sent) => (this.sent.push(sent), this.answer()) };
  }
}

describe("the connection", () => {
  let socket, options, states, messages, connection;

  beforeEach(() => {
    socket = new Socket();
    [states, messages] = [[], []];
    const io = (given) => ((options = given), socket);
    connection = connect(io, "lobby", { state: (s) => states.push(s), message: (m) => messages.push(m) });
  });

  it("goes where the guide goes", () => {
    assert.deepEqual(options, { path: "/sio/socket.io" });
  });

  it("says when it is there, lost, and could not be made", () => {
    socket.emit("connect");
    socket.emit("disconnect");
    socket.emit("connect_error");
    assert.deepEqual(states, ["connected", "lost", "lost"]);
  });

  it("passes on the messages of its room only", () => {
    const about = { id: "1", at: 5, author: { id: "a", name: "Ana" } };
    socket.emit("response", "here", { ...about, room: "lobby" });
    socket.emit("response", "elsewhere", { ...about, room: "garden" });
    assert.deepEqual(messages, [{ text: "here", room: "lobby", ...about }]);
  });

  it("sends with room and id, and resolves to the answer", async () => {
    assert.deepEqual(await connection.send("hello", "id-1"), { ok: true });
    assert.deepEqual(socket.sent, [["message", "hello", { room: "lobby", id: "id-1" }]]);
  });

  it("says so when no answer comes", async () => {
    socket.answer = async () => {
      throw new Error("operation has timed out");
    };
    assert.deepEqual(await connection.send("hello", "id-1"), {
      ok: false,
      error: "unavailable",
      detail: words.noAnswer,
    });
  });
});

describe("the composer", () => {
  let form, field, notice, sent, answer;

  const submit = async () => {
    const event = new Event("submit", { cancelable: true });
    form.dispatchEvent(event);
    await new Promise(setImmediate);
    return event;
  };
  const press = (key, more = {}) => {
    const event = Object.assign(new Event("keydown", { cancelable: true }), { key, ...more });
    field.dispatchEvent(event);
    return event;
  };

  beforeEach(() => {
    field = Object.assign(new EventTarget(), { value: "", focus() {} });
    form = Object.assign(new EventTarget(), { elements: { message: field } });
    form.requestSubmit = () => form.dispatchEvent(new Event("submit", { cancelable: true }));
    notice = { textContent: "" };
    sent = [];
    answer = { ok: true };
    composer(form, notice, async (text) => (sent.push(text), answer));
  });

  it("sends what was typed, clears the field and stays on the page", async () => {
    field.value = "hello";
    assert.equal((await submit()).defaultPrevented, true);
    assert.deepEqual(sent, ["hello"]);
    assert.equal(field.value, "");
  });

  it("sends nothing when there is nothing", async () => {
    field.value = " \n ";
    await submit();
    assert.deepEqual(sent, []);
  });

  it("sends on Enter, not with Shift nor while a word is composed", async () => {
    field.value = "hello";
    assert.equal(press("Enter", { shiftKey: true }).defaultPrevented, false);
    assert.equal(press("Enter", { isComposing: true }).defaultPrevented, false);
    assert.equal(press("x").defaultPrevented, false);
    assert.deepEqual(sent, []);
    assert.equal(press("Enter").defaultPrevented, true);
    assert.deepEqual(sent, ["hello"]);
  });

  it("says why a message was refused, and gives it back", async () => {
    answer = { ok: false, detail: "Too long." };
    field.value = "hello";
    await submit();
    assert.equal(notice.textContent, "Too long.");
    assert.equal(field.value, "hello");
  });

  it("does not overwrite what was typed meanwhile", async () => {
    answer = { ok: false, detail: "Too long." };
    field.value = "first";
    const done = submit();
    field.value = "second";
    await done;
    assert.equal(field.value, "second");
  });

  it("forgets the notice with the next message", async () => {
    notice.textContent = "Too long.";
    field.value = "short";
    await submit();
    assert.equal(notice.textContent, "");
  });
});

describe("the status line", () => {
  it("shows each state in words", () => {
    const element = { dataset: { state: "connecting" }, textContent: "Connecting…" };
    const status = statusLine(element, words);
    status.show("connected");
    assert.deepEqual(element, { dataset: { state: "connected" }, textContent: words.connected });
    status.show("lost");
    assert.equal(element.textContent, words.lost);
  });

  it("is not written again for the same state, so that it is read aloud once", () => {
    const element = { dataset: { state: "lost" }, textContent: "as it was" };
    statusLine(element, words).show("lost");
    assert.equal(element.textContent, "as it was");
  });
});

describe("ids", () => {
  it("are 32 hex digits, and never the same", () => {
    const ids = new Set(Array.from({ length: 1000 }, newId));
    assert.equal(ids.size, 1000);
    for (const id of ids) assert.match(id, /^[0-9a-f]{32}$/);
  });
});
