import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "../../../../web/static/js/text/markup.js";

const brief = (text) => parse(text).map(({ kind, text }) => (kind === "text" ? text : { [kind]: text }));

for (const [text, ...parts] of [
  ["plain", "plain"],
  ["see https://example.org/a?b=c#d now", "see ", { link: "https://example.org/a?b=c#d" }, " now"],
  ["HTTP://EXAMPLE.ORG", { link: "HTTP://EXAMPLE.ORG" }],
  ["at https://example.org.", "at ", { link: "https://example.org" }, "."],
  ["(https://example.org/x)", "(", { link: "https://example.org/x" }, ")"],
  ["https://en.wikipedia.org/wiki/A_(b)", { link: "https://en.wikipedia.org/wiki/A_(b)" }],
  ["https://a.org,https://b.org", { link: "https://a.org,https://b.org" }],
  ["<https://example.org>", "<", { link: "https://example.org" }, ">"],
  ["javascript:alert(1)", "javascript:alert(1)"],
  ["data:text/html,x ftp://example.org", "data:text/html,x ftp://example.org"],
  ["https://", "https://"],
  ["https://example.org/\u202egpj.exe", { link: "https://example.org/" }, "\u202egpj.exe"],
  ["`a  b` c", { code: "a  b" }, " c"],
  ["`https://example.org`", { code: "https://example.org" }],
  ["a ` b", "a ` b"],
  ["`a\nb`", "`a\nb`"],
  ["x\n```\n  <b>\n```\ny", "x\n", { block: "  <b>" }, "y"],
  ["```js\nlet a;\n```", { block: "let a;" }],
  ["```inline```", { block: "inline" }],
  ["``` open", "``` open"],
  ["``a ` b`` c", { code: "a ` b" }, " c"],
  ["`` `a` ``", { code: "`a`" }],
  ["````\n```js\nx\n```\n````", { block: "```js\nx\n```" }],
  ["``a` b", "``a` b"],
  ["```js\n```", { block: "js" }],
  ["看https://example.com/guide，详见", "看", { link: "https://example.com/guide" }, "，详见"],
  ["（https://example.com/guide）。", "（", { link: "https://example.com/guide" }, "）。"],
  ["「https://example.com/guide」を", "「", { link: "https://example.com/guide" }, "」を"],
  ["https://example.com/北京", { link: "https://example.com/北京" }],
  ["https://example.com/a——b", { link: "https://example.com/a" }, "——b"],
  ["https://example.com/a–b·c", { link: "https://example.com/a–b·c" }],
  ["https://example.com/سلام؟", { link: "https://example.com/سلام" }, "؟"],
  ["http://a))", { link: "http://a" }, "))"],
]) {
  test(JSON.stringify(text), () => assert.deepEqual(brief(text), parts));
}

// A text that counts how many of its characters were looked at.
class Counted {
  looks = 0;
  #text;

  constructor(text) {
    this.#text = text;
  }

  get length() {
    return this.#text.length;
  }

  charAt(at) {
    this.looks += 1;
    return this.#text.charAt(at);
  }

  slice(from, to) {
    const piece = this.#text.slice(from, to);
    this.looks += piece.length;
    return piece;
  }
}

for (const [begin, piece] of [
  ["", "`"], ["", "```"], ["", "``` `"], ["", "` ``\n"], ["", "http://"], ["", "https://a.b/("], ["", "https://a.b/)"],
  ["http://a", ")"], ["http://a", "]"], ["http://a", "."], ["http://a(", ")."], ["http://", "h"], ["", "http://<"], ["` ", "a"],
  ["", "["], ["", "\u202e"], ["", "<b>"], ["", "hH"],
]) {
  test(`twice as much of ${JSON.stringify(begin)} and ${JSON.stringify(piece)} is read with twice as many looks at most`, () => {
    const looks = (times) => {
      const text = new Counted(begin + piece.repeat(times));
      parse(text);
      return text.looks;
    };
    assert.ok(looks(4_000) <= 2.1 * looks(2_000), "it grows as the text does");
    assert.ok(looks(4_000) <= 12 * (begin + piece.repeat(4_000)).length, "and no character is looked at often");
  });
}

test("a host that is longer than any can be makes no address, which would take long to read", () => {
  const host = Array.from({ length: 3_990 }, (_, index) => String.fromCharCode(0x4e00 + ((index * 7_919) % 20_000))).join("");
  assert.deepEqual(parse(`http://${host}`), [{ kind: "text", text: `http://${host}` }]);
  assert.deepEqual(parse(`http://${host}/a`), [{ kind: "text", text: `http://${host}/a` }]);
  for (const long of [`https://a.example/${host}`, `https://a.example?${host}`]) assert.deepEqual(parse(long), [{ kind: "link", text: long }]);
});
