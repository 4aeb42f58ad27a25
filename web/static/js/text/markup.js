// The markup of a message: plain text in which a few things of CommonMark mean something: addresses, `code`, ``` blocks, **bold**,
// *italic*, ~~struck~~, "> " quotes and lists. Nothing else does, and nothing is lost: each part has the marks that it was made of.
//
// Each line is read a few times at most, and nothing lies deep in another: a text that somebody made to be slow is read by everybody
// in its room.

import { addressAt } from "./addresses.js";
import { codeAt, runsByLength } from "./code.js";
import { containerAt } from "./containers.js";
import { marksAt, pair } from "./marks.js";

const KINDS = { "**": "bold", "*": "italic", _: "italic", "~~": "struck" };
const MOST_PARTS = 400; // that mean something, since each is an element on the page; what follows is plain text
const DEEPEST = 4; // quotes and lists in one another

// Returns parts, which in order are the message:
//   {kind: "text" | "link", text}
//   {kind: "code" | "block", text, before, after}: with the marks around it; a block also has its `language`, or ""
//   {kind: "bold" | "italic" | "struck", parts, before, after}
//   {kind: "quote", parts, prefixes, after}: with what each of its lines begins with, and what ends the last
//   {kind: "list", parts}, each {kind: "item", parts, prefixes, after, number}; without a number it has a bullet
// `names` are those that stand in the text behind an @, and mean nothing else, whatever is in them.
export function parse(text, names = []) {
  return partsOf(text, names, { parts: MOST_PARTS }, 0);
}

// What one sees of a message, as text. `mentions` as the message has them.
export function seen(text, mentions = []) {
  const said = ({ kind, text, parts, prefixes, after }) => {
    if (!parts) return kind === "block" ? `${text}\n` : text;
    const inner = parts.map(said).join("");
    return prefixes ? prefixes[0] + inner + after : inner;
  };
  return parse(text, mentions.map(({ name }) => name)).map(said).join("");
}

// `left.parts`: how many parts that mean something there may still be in the whole message.
function partsOf(text, names, left, depth) {
  const closing = runsByLength(text);
  const within = (inner) => partsOf(inner, names, left, depth + 1);
  const hasLeft = () => left.parts-- > 0;
  const container = (at) => {
    const begins = depth < DEEPEST && (at === 0 || text.charAt(at - 1) === "\n");
    return begins ? containerAt(text, at, within, hasLeft) : undefined;
  };
  const spans = []; // parts and marks, in order
  let plain = 0; // where text begins that is in none of them yet
  const upTo = (at) => at > plain && spans.push({ kind: "text", text: text.slice(plain, at) });
  for (let at = 0; at < text.length && left.parts > 0; ) {
    const found = container(at) ?? partAt(text, at, closing, names);
    if (found.kind) {
      const { end, ...part } = found;
      upTo(at);
      plain = end;
      if (!part.marks) left.parts -= 1;
      spans.push(...(part.marks ?? [part]));
    }
    at = found.end;
  }
  upTo(text.length);
  return marked(spans, left);
}

// What begins at a place, and where it ends; without a kind if it means nothing.
function partAt(text, at, closing, names) {
  const character = text.charAt(at);
  if (character === "`") return codeAt(text, at, closing);
  if (character === "h" || character === "H") return addressAt(text, at);
  if (character === "\n") return { kind: "marks", marks: [{ mark: "\n" }], end: at + 1 };
  if (character !== "@") return marksAt(text, at);
  const name = names.find((each) => text.slice(at + 1, at + 1 + each.length) === each) ?? "";
  return { end: at + 1 + name.length };
}

// Puts what stands between two marks into one part. None is in another of its kind: it would look the same, and keeps its marks.
function marked(spans, left) {
  pair(spans);
  const open = [{ parts: [] }];
  const add = (part) => {
    const { parts } = open.at(-1);
    if (part.kind === "text" && parts.at(-1)?.kind === "text") parts.at(-1).text += part.text;
    else parts.push(part);
  };
  for (const each of spans) {
    const { mark, closed, opener } = each;
    const kind = KINDS[mark];
    if (!mark) add(each);
    else if (opener?.part) open.pop();
    else if (!closed || left.parts <= 0 || open.some((part) => part.kind === kind)) add({ kind: "text", text: mark });
    else {
      left.parts -= 1;
      each.part = { kind, parts: [], before: mark, after: mark };
      add(each.part);
      open.push(each.part);
    }
  }
  return open[0].parts;
}
