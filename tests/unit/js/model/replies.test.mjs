import assert from "node:assert/strict";
import { test } from "node:test";
import { Drafts } from "../../../../web/static/js/model/drafts.js";
import { Outbox } from "../../../../web/static/js/model/outbox.js";
import { Quotes } from "../../../../web/static/js/model/quotes.js";
import { Replies } from "../../../../web/static/js/model/replies.js";
import { Store } from "../../../../web/static/js/model/store.js";
import { Timeline } from "../../../../web/static/js/model/timeline.js";
import { mentionsMe, namesHere } from "../../../../web/static/js/text/mentions.js";
import { FakeConnection, numbered } from "../fakes.mjs";

const room = (...seqs) => {
  const timeline = new Timeline();
  timeline.start({ epoch: "first", head: seqs.at(-1), entries: numbered(...seqs) });
  return { name: "lobby", timeline };
};

test("each room has an answer of its own that is being written", () => {
  const replies = new Replies(new Drafts(new Store(null, "ana"), new Store(null, "ana")));
  let told = 0;
  replies.addEventListener("change", () => (told += 1));
  replies.begin(numbered(1)[0]);
  assert.deepEqual([replies.of("lobby"), replies.of("kitchen")], [{ seq: 1, id: "id1" }, null]);
  replies.forget("lobby");
  replies.forget("lobby");
  assert.deepEqual([replies.of("lobby"), told], [null, 2]);
});

test("the outbox keeps what a message answers, and whether it names everybody", () => {
  const outbox = new Outbox(new Store(null, "ana"));
  outbox.add("lobby", "yes, @here", { reply: { seq: 1, id: "id1" }, here: true });
  outbox.add("lobby", "no");
  const [first, second] = outbox.entries("lobby");
  assert.deepEqual([first.reply, first.here], [{ seq: 1, id: "id1" }, true]);
  assert.ok(!("reply" in second) && !("here" in second) && !("mentions" in second));
});

test("an answer mentions whom it answers, and @here mentions everybody", () => {
  const me = { id: "me", name: "Mia" };
  assert.equal(mentionsMe({ text: "yes", reply: { seq: 1, id: "i", author: { id: "me" } } }, me), true);
  assert.equal(mentionsMe({ text: "yes", reply: { seq: 1, id: "i", author: { id: "b" } } }, me), false);
  assert.equal(mentionsMe({ text: "@here", here: true }, me), true);
  assert.equal(mentionsMe({ text: "@here" }, me), false);
  assert.deepEqual(["@here, look", "look @HERE", "me@here", "@hereafter", "here"].map(namesHere), [true, false, false, false, false]);
});

test("a quote is the message that is loaded, if it is the same one", async () => {
  const connection = new FakeConnection(() => assert.fail("asked"));
  const quotes = new Quotes(connection);
  const lobby = room(1, 2);
  assert.equal(quotes.of(lobby, { seq: 1, id: "id1" }).text, "1");
  assert.equal(quotes.of(lobby, { seq: 1, id: "another" }), undefined);
  assert.equal(await quotes.fetch(lobby, { seq: 1, id: "id1" }), true);
});

test("a message that is not loaded is fetched once, and changes with the log", async () => {
  const connection = new FakeConnection(() => ({ ok: true, epoch: "first", messages: numbered(1) }));
  const quotes = new Quotes(connection);
  const told = [];
  quotes.addEventListener("change", ({ detail }) => told.push(detail));
  const lobby = room(5, 6);
  const reply = { seq: 1, id: "id1" };
  assert.deepEqual(await Promise.all([quotes.fetch(lobby, reply), quotes.fetch(lobby, reply)]), [true, true]);
  assert.deepEqual(connection.asked, [["history", { room: "lobby", before: 2, limit: 1 }]]);
  assert.deepEqual(told, [{ room: "lobby", seq: 1 }]);
  assert.equal(quotes.of(lobby, reply).text, "1");
  quotes.apply("lobby", [{ seq: 7, deletes: 1 }]);
  assert.equal(quotes.of(lobby, reply).text, undefined);
  quotes.forget("lobby");
  assert.equal(quotes.of(lobby, reply), undefined);
});

test("a message that is not there any more is known not to be, and no answer leaves it unknown", async () => {
  let answer = { ok: false, error: "unanswered" };
  const quotes = new Quotes(new FakeConnection(() => answer));
  const lobby = room(5, 6);
  const reply = { seq: 1, id: "id1" };
  assert.equal(await quotes.fetch(lobby, reply), false);
  assert.equal(quotes.of(lobby, reply), undefined);
  answer = { ok: true, epoch: "first", messages: [] };
  assert.equal(await quotes.fetch(lobby, reply), true);
  assert.equal(quotes.of(lobby, reply), null);
});
