// The markup of a message: plain text in which addresses, `code` and ``` blocks are found. Nothing else means anything.

// Neither space nor quotes, nor characters that would turn the direction of what follows.
const ADDRESS = String.raw`https?:\/\/[^\s<>"${"`"}\u0000-\u001f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+`;
const PARTS = new RegExp("```(?:[\\w+#.-]*\\n)?([\\s\\S]+?)```\\n?|`([^`\\n]+)`|(" + ADDRESS + ")", "gi");
const ENDS_A_SENTENCE = /[.,;:!?'"»”’…*_]$/;
const PAIRS = { ")": "(", "]": "[", "}": "{" };

// Returns parts, {kind: "text" | "code" | "block" | "link", text}, whose texts in order are what the message says.
export function parse(text) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(PARTS)) {
    const part = partOf(match);
    if (part === null) continue;
    if (match.index > end) parts.push({ kind: "text", text: text.slice(end, match.index) });
    parts.push(part);
    end = match.index + (part.kind === "link" ? part.text.length : match[0].length);
  }
  if (end < text.length) parts.push({ kind: "text", text: text.slice(end) });
  return parts;
}

function partOf([, block, code, address]) {
  if (block !== undefined) return { kind: "block", text: block.replace(/\n$/, "") };
  if (code !== undefined) return { kind: "code", text: code };
  const text = withoutEnd(address);
  return URL.canParse(text) ? { kind: "link", text } : null;
}

// What follows an address in a sentence is not of it, nor is a bracket that was opened before it.
function withoutEnd(address) {
  for (let text = address; ; text = text.slice(0, -1)) {
    const last = text.at(-1);
    const unpaired = last in PAIRS && text.split(last).length > text.split(PAIRS[last]).length;
    if (!ENDS_A_SENTENCE.test(text) && !unpaired) return text;
  }
}
