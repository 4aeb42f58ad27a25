// The small rules of the page, each a few lines.
import assert from "node:assert/strict";
import { test } from "node:test";
import { colourOf, initialOf } from "../../../../web/static/js/view/avatar.js";
import { standing } from "../../../../web/static/js/text/grouping.js";
import { RoomCache } from "../../../../web/static/js/model/cache.js";
import { Me } from "../../../../web/static/js/model/me.js";
import { apart, mentionsIn, mentionsMe, named } from "../../../../web/static/js/text/mentions.js";
import { isGuarded, pathOf, roomNamed, routeOf } from "../../../../web/static/js/text/routes.js";
import { roomTitle } from "../../../../web/static/js/text/roomtitle.js";
import { nameable } from "../../../../web/static/js/model/nameable.js";
import { Store } from "../../../../web/static/js/model/store.js";
import { titleOf } from "../../../../web/static/js/text/title.js";
import { spoken } from "../../../../web/static/js/text/words.js";
import { numbered, seqs } from "../fakes.mjs";

const at = (pathname, hash = "") => routeOf({ pathname, hash });

test("an address means a room, and perhaps a message in it", () => {
  assert.deepEqual(at("/"), { room: "lobby", seq: null });
  assert.deepEqual(at("/rooms/tea-2", "#17"), { room: "tea-2", seq: 17 });
  for (const hash of ["#0", "#-1", "#1e3", "#x", "#9007199254740993", "#99999999999999999"]) assert.equal(at("/", hash).seq, null);
  assert.equal(pathOf("lobby", 3), "/#3");
  assert.equal(pathOf("tea"), "/rooms/tea");
});

test("a room is understood as people write it", () => {
  assert.equal(roomNamed(" #Team Lunch "), "team-lunch");
  assert.equal(roomNamed("Café"), "cafe");
  for (const text of ["", "-a", "a/b", "日本", "a".repeat(33)]) assert.equal(roomNamed(text), null);
});

test("an address says whether only some may see the room", () => {
  for (const room of [`p-${"a2".repeat(13)}`, `d-${"z7".repeat(13)}`]) assert.equal(isGuarded(room), true);
  for (const room of ["lobby", "p-1", `p-${"a".repeat(25)}`, `p-${"a".repeat(25)}1`, `x-${"a".repeat(26)}`]) assert.equal(isGuarded(room), false);
});

test("a room is called by its title, its people or its address", () => {
  assert.equal(roomTitle("tea", { kind: "open", title: "" }), "tea");
  assert.equal(roomTitle("p-1", { kind: "private", title: "Pläne" }), "Pläne");
  const others = [{ id: "2", name: "Ben" }, { id: "3", name: "Cleo" }];
  assert.equal(roomTitle("d-1", { kind: "direct", title: "", others }), "Ben, Cleo");
  assert.equal(roomTitle("d-1", { kind: "direct", title: "", others: [{ id: "2", name: "" }, others[1]] }, "Erased"), "Erased, Cleo");
  assert.equal(roomTitle(`p-${"a".repeat(26)}`, { kind: "open", title: "" }), "…", "until the server has said it");
});

test("messages are of one piece when one person goes on", () => {
  const [one] = numbered(1);
  const next = (more) => ({ ...one, seq: 2, ...more });
  assert.deepEqual(standing(one, undefined), { newDay: true, continued: false });
  assert.equal(standing(next({ at: 60_000 }), one).continued, true);
  assert.equal(standing(next({ at: 300_001 }), one).continued, false);
  assert.equal(standing(next({ author: { id: "b", name: "Ada" } }), one).continued, false, "another of the same name");
  assert.equal(standing(next({ author: { id: "a", name: "Eve" } }), one).continued, false, "the same under another name");
  assert.equal(standing(next({ at: 86_400_000 * 2 }), one).newDay, true);
  const gone = next({ author: { id: "a" }, deleted: true });
  assert.equal(standing(gone, undefined).continued, true, "who wrote what was deleted is not said");
  assert.equal(standing(next({}), gone).continued, false, "and after it is said again");
});

test("a mention is the whole name, however it is written", () => {
  for (const text of ["ana?", "@Ana: look", "hi ANA", "(Ana)"]) assert.equal(named(text, "Ana"), true, text);
  for (const text of ["banana", "Anabel", ""]) assert.equal(named(text, "Ana"), false, text);
  assert.equal(named("a.b (c)", "A.B (C)"), true);
  assert.equal(named("axb", "a.b"), false);
});

const ANA = { id: "1", name: "Ana" };
const ANA_MARIA = { id: "2", name: "Ana María" };

test("a text with an @ names the one with the longest name, as it is written", () => {
  const people = [ANA, ANA_MARIA];
  assert.deepEqual(mentionsIn("@ana maría and (@Ana)", people), [
    { id: "2", name: "ana maría" },
    { id: "1", name: "Ana" },
  ]);
  for (const text of ["Ana", "mail@ana", "@Anabel", "@", "@ Ana", "İ @Ana"]) assert.deepEqual(mentionsIn(text, people), [], text);
  assert.deepEqual(mentionsIn("@Ana @Ana", people), [ANA]);
});

test("of two people of one name both are named", () => {
  assert.deepEqual(mentionsIn("@Ana", [ANA, { id: "3", name: "ANA" }]).map(({ id }) => id), ["1", "3"]);
});

test("a message mentions twenty people at most", () => {
  const people = Array.from({ length: 30 }, (_, id) => ({ id: `${id}`, name: `p${id}` }));
  assert.equal(mentionsIn(people.map(({ name }) => `@${name}`).join(" "), people).length, 20);
});

test("a mention holds by its id, whatever the person is called, and a name alone where nobody else of that name is meant", () => {
  const me = { id: "1", name: "Anna" };
  assert.equal(mentionsMe({ text: "@Ana, look", mentions: [ANA] }, me), true);
  assert.equal(mentionsMe({ text: "Anna, look" }, me), true);
  assert.equal(mentionsMe({ text: "@Anna, look", mentions: [{ id: "9", name: "Anna" }] }, me), false);
  assert.equal(mentionsMe({ text: "@Ben: Anna said so", mentions: [{ id: "9", name: "Ben" }] }, me), true);
});

test("a text is taken apart where it names somebody, and is the same when it is put together", () => {
  const text = "@Ana, ask @Ana María or mail@ana.org";
  const parts = apart(text, [ANA, ANA_MARIA]);
  assert.deepEqual(parts.flatMap(({ id }) => id ?? []), ["1", "2"]);
  assert.equal(parts.map((part) => part.text).join(""), text);
});

test("whom one may name are those who are there, and who wrote before", () => {
  const room = { people: { list: [ANA, ANA_MARIA] }, timeline: { entries: [{ author: { id: "2", name: "before" } }, { author: { id: "3" } }, { author: { id: "4", name: "Dora" } }] } };
  assert.deepEqual(nameable(room, ANA).map(({ name }) => name), ["Ana María", "Dora"]);
});

test("the title counts what is unread", () => {
  assert.equal(titleOf("lobby", 0), "lobby · Tertulia");
  assert.equal(titleOf("lobby", 3), "(3) lobby · Tertulia");
  assert.equal(titleOf("lobby", 100), "(99+) lobby · Tertulia");
  assert.equal(titleOf("lobby", 3, true), "(@ 3) lobby · Tertulia");
});

test("words with gaps are functions, and numbers choose their form", () => {
  const words = spoken({ a: "A", b: "{0}-{1}", c: { one: "{0} day", other: "{0} days" }, d: { e: "E" } }, new Intl.PluralRules("en"));
  assert.deepEqual([words.a, words.b(1, 2), words.c(1), words.c(2), words.d.e], ["A", "1-2", "1 day", "2 days", "E"]);
});

test("an avatar is a letter and a colour that stay", () => {
  assert.equal(initialOf("élodie"), "É");
  assert.equal(initialOf("👩‍🚀 Sam"), "👩‍🚀");
  assert.equal(colourOf("abc"), colourOf("abc"));
  assert.ok(colourOf("f00d") < 8);
});

test("I am confirmed by the server's word, until the connection is lost", () => {
  const me = new Me({ id: "1", name: "Ana" });
  assert.equal(me.confirm({ id: "1", name: "Anna" }), true);
  assert.deepEqual([me.confirmed, me.name], [true, "Anna"]);
  me.unconfirm();
  assert.equal(me.confirmed, false);
  assert.equal(me.confirm({ id: "2", name: "Ben" }), false);
  assert.deepEqual([me.confirmed, me.name], [false, "Anna"]);
  me.become({ id: "2", name: "Ben" });
  assert.deepEqual([me.confirmed, me.id, me.name], [true, "2", "Ben"]);
});

test("what is kept of a room is its last messages, without a hole and bounded", () => {
  const cache = new RoomCache(new Store(null, "ana"));
  assert.equal(cache.load("lobby"), null);
  const messages = numbered(...Array.from({ length: 300 }, (_, index) => index + 1));
  cache.save("lobby", { epoch: "first", entries: messages });
  assert.deepEqual([cache.load("lobby").head, cache.load("lobby").entries.length], [300, 100]);
  messages[290].text = "x".repeat(100_000);
  cache.save("lobby", { epoch: "first", entries: messages });
  assert.deepEqual(seqs(cache.load("lobby").entries), [292, 293, 294, 295, 296, 297, 298, 299, 300]);
});

test("what changed the messages is kept with them, and takes no message's place", () => {
  const cache = new RoomCache(new Store(null, "ana"));
  const notices = (count) => Array.from({ length: count }, (_, index) => ({ seq: 151 + index, reacts: 1, emoji: "👍", on: true, count: 1 }));
  const messages = numbered(...Array.from({ length: 150 }, (_, index) => index + 1));
  cache.save("lobby", { epoch: "first", entries: [...messages, ...notices(120)] });
  const { head, entries } = cache.load("lobby");
  assert.deepEqual([head, entries.length, entries[0].seq], [270, 220, 51]);
  cache.save("lobby", { epoch: "first", entries: [...messages, ...notices(5_000)] });
  assert.equal(cache.load("lobby").entries.length, 500);
});

test("only the rooms seen last are kept", (t) => {
  t.mock.timers.enable({ apis: ["Date"] });
  const cache = new RoomCache(new Store(null, "ana"));
  for (let number = 0; number < 15; number++) {
    t.mock.timers.tick(1000);
    cache.save(`room${number}`, { epoch: "first", entries: numbered(1) });
  }
  assert.equal(cache.load("room2"), null);
  assert.notEqual(cache.load("room3"), null);
  cache.forget("room14");
  assert.equal(cache.load("room14"), null);
});

test("who becomes a moderator between two messages is shown to have", () => {
  const said = (moderator) => ({ at: 1000, author: { id: "mia", name: "Mia", ...(moderator && { moderator }) } });
  assert.equal(standing(said(true), said(false)).continued, false);
  assert.equal(standing(said(true), said(true)).continued, true);
});
