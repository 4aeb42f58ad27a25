import assert from "node:assert/strict";
import { test } from "node:test";
import { parse, seen } from "../../../../web/static/js/text/markup.js";
import { looks, typed } from "./marked.mjs";

// Text as it is; all else as {kind: what it says}, and an item with a number as {kind, number}.
function brief(parts) {
  return parts.map(({ kind, text, parts, language, number }) => {
    const said = parts ? brief(parts) : text;
    return kind === "text" ? text : { [kind]: said, ...(language && { language }), ...(number !== undefined && { number }) };
  });
}

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
  ["```js\nlet a;\n```", { block: "let a;", language: "js" }],
  ["```c++\n```\nx", { block: "c++" }, "x"],
  ["```no language\nx```", { block: "no language\nx" }],
  ["```inline```", { block: "inline" }],
  ["``` open", "``` open"],
  ["``a ` b`` c", { code: "a ` b" }, " c"],
  ["`` `a` ``", { code: "`a`" }],
  ["````\n```js\nx\n```\n````", { block: "```js\nx\n```" }],
  ["https://example.org/a_b_c*d*", { link: "https://example.org/a_b_c*d" }, "*"],
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
  test(JSON.stringify(text), () => assert.deepEqual(brief(parse(text)), parts));
}

const MARKS = {
  "a pair of marks": [
    ["**a** b", { bold: ["a"] }, " b"],
    ["*a* _b_ ~~c d~~", { italic: ["a"] }, " ", { italic: ["b"] }, " ", { struck: ["c d"] }],
    ["(**a**), *b*! ~~c~~.", "(", { bold: ["a"] }, "), ", { italic: ["b"] }, "! ", { struck: ["c"] }, "."],
    ["**Nota:** *«sí»*", { bold: ["Nota:"] }, " ", { italic: ["«sí»"] }],
  ],
  "marks in others, each kind once": [
    ["**a *b* _c_**", { bold: ["a ", { italic: ["b"] }, " ", { italic: ["c"] }] }],
    ["***a***", { bold: [{ italic: ["a"] }] }],
    ["***a** b*", { bold: ["*a"] }, " b*"],
    ["*a *b* c*", "*a ", { italic: ["b"] }, " c*"],
    ["***a* b**", { bold: [{ italic: ["a"] }, " b"] }],
    ["**a *b***", { bold: ["a ", { italic: ["b"] }] }],
    ["~~**_a_**~~", { struck: [{ bold: [{ italic: ["a"] }] }] }],
    ["*a _b_ c*", { italic: ["a _b_ c"] }],
    ["**`a` https://b.example**", { bold: [{ code: "a" }, " ", { link: "https://b.example" }] }],
    ["~~https://b.example~~", { struck: [{ link: "https://b.example" }] }],
  ],
  "what crosses, or is not closed": [
    ["**a *b** c*", { bold: ["a *b"] }, " c*"],
    ["*a **b", "*a **b"],
    ["*a **b*", { italic: ["a **b"] }],
    ["a** b**", "a** b**"],
    ["*a\nb*", "*a\nb*"],
    ["*a `*` b*", { italic: ["a ", { code: "*" }, " b"] }],
    ["**a ```x``` b**", "**a ", { block: "x" }, " b**"],
    ["**** ____ ~~~~a~~~~ ~a~ __a__", "**** ____ ~~~~a~~~~ ~a~ __a__"],
    ["**a*", "**a*"],
    ["* a *b*", { list: [{ item: ["a ", { italic: ["b"] }] }] }],
  ],
  "signs that people write without thinking of marks": [
    "words_with_underscores_inside", "__init__.py", "2*3*4", "2 * 3 * 4", "2**3**4", "f(*args, **kwargs)", "^_^ hi ^_^", ">_< -_- ;_; >_<",
    "¯\\_(ツ)_/¯", "¯_(ツ)_/¯", "/usr/_a_/b a._b_", "\\*a\\* C:\\*.* *.*", "(*) and (*)", "/* a */ b", "*️⃣a*️⃣", "~5 ~ ~/a ~/b", ":* a :*", "a*b*c*",
    ">x", ">>> print(1)", ">", "> ", "-x", "- ", "-- ", "— a", "1.", "1.5", "1) a", "12345. a", "#a", "    - a",
  ].map((text) => [text, text]),
  "writing without spaces": [
    ["中文**粗体**中文", "中文", { bold: ["粗体"] }, "中文"],
    ["中文，**「粗体」**。~~删~~", "中文，", { bold: ["「粗体」"] }, "。", { struck: ["删"] }],
    ["これは*カー*です", "これは", { italic: ["カー"] }, "です"],
    ["用abc**粗体**abc", "用abc", { bold: ["粗体"] }, "abc"],
    ["**단어**를", { bold: ["단어"] }, "를"],
    ["คำ**หนา**คำ", "คำ", { bold: ["หนา"] }, "คำ"],
  ],
  "from right to left, emoji, and what has no width": [
    ["שלום **לכולם** *כאן*", "שלום ", { bold: ["לכולם"] }, " ", { italic: ["כאן"] }],
    ["**\u200fسلام\u200f**!", { bold: ["\u200fسلام\u200f"] }, "!"],
    ["**👩‍👩‍👧‍👦**🎉*❤️*🎉", { bold: ["👩‍👩‍👧‍👦"] }, "🎉", { italic: ["❤️"] }, "🎉"],
    ["❤️*a*", "❤️", { italic: ["a"] }],
    ["a\u200b**b**\u200bc", "a\u200b", { bold: ["b"] }, "\u200bc"],
    ["*\ufeffa* *\u00a0b*", "*\ufeffa* *\u00a0b*"],
    ["e\u0301*a*e\u0301", "e\u0301*a*e\u0301"],
  ],
  "quotes": [
    ["> a", { quote: ["a"] }],
    ["x\n> a *b*\n>\n> c\ny", "x\n", { quote: ["a ", { italic: ["b"] }, "\n\nc"] }, "y"],
    ["> > a\n> b", { quote: [{ quote: ["a"] }, "b"] }],
    ["> - a\n> - b", { quote: [{ list: [{ item: ["a"] }, { item: ["b"] }] }] }],
    ["> ```js\n> *a*\n> ```", { quote: [{ block: "*a*", language: "js" }] }],
    ["```\n> a\n- b\n```", { block: "> a\n- b" }],
    ["a > b", "a > b"],
  ],
  "lists": [
    ["- a\n- *b*\nc", { list: [{ item: ["a"] }, { item: [{ italic: ["b"] }] }] }, "c"],
    ["* a\n- b", { list: [{ item: ["a"] }, { item: ["b"] }] }],
    ["3. a\n1. b", { list: [{ item: ["a"], number: 3 }, { item: ["b"], number: 1 }] }],
    ["- a\n1. b", { list: [{ item: ["a"] }] }, { list: [{ item: ["b"], number: 1 }] }],
    ["- a\n\n- b", { list: [{ item: ["a"] }] }, "\n", { list: [{ item: ["b"] }] }],
    ["- a\n  b\n  - c\n    - d\n- e", { list: [{ item: ["a\nb\n", { list: [{ item: ["c\n", { list: [{ item: ["d"] }] }] }] }] }, { item: ["e"] }] }],
    ["1. a\n    - b\n    - c", { list: [{ item: ["a\n", { list: [{ item: ["b"] }, { item: ["c"] }] }], number: 1 }] }],
    ["- a\n\tb", { list: [{ item: ["a\nb"] }] }],
    [" - a\n - b", { list: [{ item: ["a"] }, { item: ["b"] }] }],
    ["- ```\n  a\n    b\n  ```", { list: [{ item: [{ block: "a\n  b" }] }] }],
    ["a - b", "a - b"],
  ],
};

for (const [what, cases] of Object.entries(MARKS)) {
  for (const [text, ...parts] of cases) test(`${what}: ${JSON.stringify(text)}`, () => assert.deepEqual(brief(parse(text)), parts));
}

test("a name behind an @ is no mark, whatever is in it", () => {
  assert.deepEqual(brief(parse("@_ana_ *hi*", ["_ana_"])), ["@_ana_ ", { italic: ["hi"] }]);
  assert.deepEqual(brief(parse("*hi @ana*", ["ana"])), [{ italic: ["hi @ana"] }]);
  assert.deepEqual(brief(parse("@`ana` `a`", ["`ana`"])), ["@`ana` ", { code: "a" }]);
});

test("what one sees has the signs of lists and quotes, and no marks", () => {
  assert.equal(seen("**a** `b`\n> *c*\n- d\n```js\ne\n```"), "a b\n> c\n- d\ne\n");
});

const PIECES = [
  ..."*_~`>-.\n\t @ah1", "**", "***", "~~", "```", "```js\n", "\n> ", "\n>", "\n- ", "\n  - ", "\n1. ", "  ", "https://a.b/_c_", "`` ", "中", "🎉", "\u200b",
  "\u202e", "ש", "\\", "[", "(", ")",
];

// Numbers from 0 to 1 that are the same each time (Mulberry32).
function* numbers(seed) {
  for (;;) {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), seed | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    yield ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }
}

test("what is shown and the marks around it are what was typed, whatever that is", () => {
  const random = numbers(18);
  const some = (count) => Math.floor(random.next().value * count);
  for (let round = 0; round < 4_000; round += 1) {
    const text = Array.from({ length: 1 + some(30) }, () => PIECES[some(PIECES.length)]).join("");
    assert.equal(typed(parse(text, ["a", "_a"])), text);
  }
});

const HOSTILE = [
  "`", "```", "``` `", "` ``\n", "http://", "https://a.b/(", "https://a.b/)", "http://<", "[", "\u202e", "<b>", "hH", "*", "**", "*a", "*a ", "a* ", "**a*b", "*a _b ~~c ",
  "***a", "a*** ", "*_", "_*_ ", "*a* ", "*a*b", "**a** *b ", "~~a", "~", "_a_ ", "> ", ">\n", "> a\n", "- ", "- a\n", "1. a\n", "  - a\n", "  ", "\n", "\t- a\n", "- > ", "> 1. - ",
  "> - a\n", "- a\n  - b\n", "@", "@a", "中*", "\\*", "*\u0301", "> ```\n", "`a` ",
];
const DEEP = [
  (times) => Array.from({ length: times / 40 }, (_, depth) => `${"  ".repeat(depth)}- a`).join("\n"),
  (times) => `${"*a _b **c ".repeat(times)}${" c** b_ a*".repeat(times)}`,
  (times) => `${"> ".repeat(times)}a\n`.repeat(3),
  (times) => `- ${" ".repeat(times)}\n`.repeat(3),
];

for (const [begin, piece] of [["http://a", ")"], ["http://a", "]"], ["http://a", "."], ["http://a(", ")."], ["http://", "h"], ["` ", "a"], ["*", "a"], ["> ", " "], ...HOSTILE.map((piece) => ["", piece])]) {
  slowlyGrowing(`${JSON.stringify(begin)} and ${JSON.stringify(piece)}`, (times) => begin + piece.repeat(times));
}
DEEP.forEach((text, index) => slowlyGrowing(`what is deep (${index})`, text));

function slowlyGrowing(what, make) {
  test(`twice as much of ${what} is read with twice as many looks at most, and shown with few elements`, () => {
    const [half, whole] = [make(2_000), make(4_000)];
    const names = Array.from({ length: 20 }, (_, index) => `a${index}`);
    const looked = looks(() => parse(whole, names));
    assert.ok(looked <= 2.2 * (whole.length / half.length / 2) * looks(() => parse(half, names)) + 100, "it grows as the text does");
    assert.ok(looked <= 80 * whole.length, `and no character is looked at often: ${looked / whole.length}`);
    const { elements, depth } = size(parse(whole, names));
    assert.ok(elements <= 408, `${elements} elements`);
    assert.ok(depth <= 13, `${depth} in one another`);
  });
}

function size(parts) {
  const sizes = parts.map(({ kind, parts = [] }) => {
    const { elements, depth } = size(parts);
    return kind === "text" ? { elements: 0, depth: 0 } : { elements: elements + 1, depth: depth + 1 };
  });
  return { elements: sizes.reduce((sum, each) => sum + each.elements, 0), depth: Math.max(0, ...sizes.map(({ depth }) => depth)) };
}

test("a host that is longer than any can be makes no address, which would take long to read", () => {
  const host = Array.from({ length: 3_990 }, (_, index) => String.fromCharCode(0x4e00 + ((index * 7_919) % 20_000))).join("");
  assert.deepEqual(parse(`http://${host}`), [{ kind: "text", text: `http://${host}` }]);
  assert.deepEqual(parse(`http://${host}/a`), [{ kind: "text", text: `http://${host}/a` }]);
  for (const long of [`https://a.example/${host}`, `https://a.example?${host}`]) assert.deepEqual(parse(long), [{ kind: "link", text: long }]);
});
