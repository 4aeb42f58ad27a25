import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "../../../web/static/js/markup.js";

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
]) {
  test(JSON.stringify(text), () => assert.deepEqual(brief(text), parts));
}

test("hostile texts of 4,000 characters take no time", () => {
  const started = performance.now();
  for (const piece of ["`", "```", "``` `", "http://", "https://a.b/(", "https://a.b/)", "[", "\u202e", "<b>"]) {
    const text = piece.repeat(Math.ceil(4000 / piece.length));
    assert.ok(parse(text).map(({ text }) => text).join("").length <= text.length);
  }
  assert.ok(performance.now() - started < 5000);
});
