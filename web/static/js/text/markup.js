// The markup of a message: plain text in which addresses, `code` and ``` blocks are found. Nothing else means anything.
//
// One pass from left to right, in which no character is looked at more than a few times: a text that somebody made to be
// slow is read by everybody in its room.

// Ends an address: space, quotes, characters that turn the direction of what follows, and the punctuation of writing that
// has no spaces, which follows an address without one (CJK, full width, and the long dash).
const ENDS_ADDRESS =
  /[\s<>"`\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2014\u2018-\u201f\u2026\u3001-\u3003\u3008-\u3011\u3014-\u301f\uff01\uff02\uff07-\uff09\uff0c\uff0e\uff1a\uff1b\uff1f\uff3b\uff3d\uff5b\uff5d\uff5f-\uff64]/;
// May be the last character of a sentence, which is not of the address before it.
const ENDS_SENTENCE = /[.,;:!?'*_»\u060c\u061b\u061f\u06d4\u0964\u0965\u104a\u104b\u1362-\u1367]/;
const PAIRS = { ")": "(", "]": "[", "}": "{" };
const SCHEMES = ["http://", "https://"];
// Characters; a host has 253 at most (RFC 1035), and how long a browser takes to read one grows with its square.
const LONGEST_HOST = 300;

// Returns parts, {kind: "text" | "code" | "block" | "link", text}, whose texts in order are what the message says.
export function parse(text) {
  const closing = runsByLength(text);
  const parts = [];
  let end = 0; // of the last part
  for (let at = 0; at < text.length; ) {
    const part = partAt(text, at, closing);
    if (part.kind) {
      if (at > end) parts.push({ kind: "text", text: text.slice(end, at) });
      parts.push({ kind: part.kind, text: part.text });
      end = part.end;
    }
    at = part.end;
  }
  if (end < text.length) parts.push({ kind: "text", text: text.slice(end) });
  return parts;
}

// What begins at a place, and where it ends; without a kind if it means nothing.
function partAt(text, at, closing) {
  const character = text.charAt(at);
  if (character === "`") return codeAt(text, at, closing);
  if (character === "h" || character === "H") return addressAt(text, at);
  return { end: at + 1 };
}

// As in CommonMark: what a run of backticks opens ends with the next run of the same length, so that it may hold others. One of
// three or more holds lines.
function codeAt(text, at, closing) {
  const length = runAt(text, at);
  const start = at + length;
  const close = nextRun(closing.get(length), start);
  if (close === undefined) return { end: start };
  const inner = text.slice(start, close);
  const end = close + length;
  if (length >= 3) return { kind: "block", text: blockOf(inner), end: text.charAt(end) === "\n" ? end + 1 : end };
  return inner.includes("\n") ? { end: start } : { kind: "code", text: unpadded(inner), end };
}

// The language after the opening run is not shown, unless it is all there is.
function blockOf(inner) {
  const line = inner.indexOf("\n");
  const language = line >= 0 && line < inner.length - 1 && /^[\w+#.-]*$/.test(inner.slice(0, line));
  return (language ? inner.slice(line + 1) : inner).replace(/\n$/, "");
}

// One space on both sides keeps a backtick inside apart from those around it.
function unpadded(inner) {
  return inner.startsWith(" ") && inner.endsWith(" ") && inner.trim() ? inner.slice(1, -1) : inner;
}

// Where runs of backticks begin, by their length; the first of each stands last.
function runsByLength(text) {
  const runs = new Map();
  for (let at = 0; at < text.length; ) {
    const length = runAt(text, at);
    if (length > 0) runs.has(length) ? runs.get(length).push(at) : runs.set(length, [at]);
    at += length || 1;
  }
  for (const starts of runs.values()) starts.reverse();
  return runs;
}

function runAt(text, at) {
  let length = 0;
  while (text.charAt(at + length) === "`") length += 1;
  return length;
}

// The first of these places from `start` on. Places before it are not asked for again.
function nextRun(starts, start) {
  while (starts.at(-1) < start) starts.pop();
  return starts.at(-1);
}

function addressAt(text, at) {
  const begins = text.slice(at, at + 8).toLowerCase();
  const scheme = SCHEMES.find((each) => begins.startsWith(each));
  if (!scheme) return { end: at + 1 };
  const occurs = new Map(); // how often each character does
  let end = at + scheme.length;
  for (; end < text.length && !ENDS_ADDRESS.test(text.charAt(end)); end += 1) {
    const character = text.charAt(end);
    occurs.set(character, (occurs.get(character) ?? 0) + 1);
  }
  const address = text.slice(at, endOfAddress(text, end, occurs));
  return isAddress(address, scheme) ? { kind: "link", text: address, end: at + address.length } : { end };
}

function isAddress(address, scheme) {
  const host = address.slice(scheme.length, scheme.length + LONGEST_HOST);
  return (host.length < LONGEST_HOST || /[/?#\\]/.test(host)) && URL.canParse(address);
}

// What ends the sentence is not of the address before it, nor is a bracket that was opened before it.
function endOfAddress(text, end, occurs) {
  for (; ; end -= 1) {
    const last = text.charAt(end - 1);
    const unpaired = last in PAIRS && occurs.get(last) > (occurs.get(PAIRS[last]) ?? 0);
    if (!unpaired && !ENDS_SENTENCE.test(last)) return end;
    occurs.set(last, occurs.get(last) - 1);
  }
}
