// Quotes and lists: lines that begin with a sign, and hold what a message may hold.

const QUOTE = /^> +(?=\S)/;
const QUOTED = /^>( |$)/;
const ITEM = /^( {0,3})(?:[-*]|(\d{1,4})\.) +(?=\S)/;
const INDENTED = /^[ \t]+(?=\S)/;

// The quote or the list that begins with the line at a place, {…, end}, or undefined. `within(text)` makes the parts of one's lines
// without what each begins with; `hasLeft()` is asked before each item of a list.
export function containerAt(text, at, within, hasLeft) {
  const line = lineAt(text, at);
  if (QUOTE.test(line)) return { kind: "quote", ...linesAt(text, at, within, (each) => QUOTED.exec(each)?.[0]) };
  const item = ITEM.exec(line);
  return item ? listAt(text, at, item[2] === undefined, within, hasLeft) : undefined;
}

// All items have a bullet, or all have a number.
function listAt(text, at, hasBullets, within, hasLeft) {
  const parts = [];
  while (at < text.length) {
    const [prefix, indent, number] = ITEM.exec(lineAt(text, at)) ?? [];
    if (prefix === undefined || (number === undefined) !== hasBullets || !hasLeft()) break;
    // Lines that are indented go on with it. Each loses what the first of them loses, at most.
    const { end, ...item } = linesAt(text, at, within, (line, [first, second]) => {
      if (first === undefined) return prefix;
      const [space = ""] = INDENTED.exec(line) ?? [];
      return space.length > indent.length + 1 || space.includes("\t") ? space.slice(0, second?.length) : undefined;
    });
    parts.push({ kind: "item", ...item, ...(!hasBullets && { number: Number(number) }) });
    at = end;
  }
  return { kind: "list", parts, end: at };
}

// The lines from a place on that begin with something, by `prefixOf(line, prefixes)`.
function linesAt(text, at, within, prefixOf) {
  const prefixes = [];
  const lines = [];
  while (at < text.length) {
    const line = lineAt(text, at);
    const prefix = prefixOf(line, prefixes);
    if (prefix === undefined) break;
    prefixes.push(prefix);
    lines.push(line.slice(prefix.length));
    at += line.length + 1;
  }
  const after = at > text.length ? "" : "\n"; // the last line may have no end
  return { parts: within(lines.join("\n")), prefixes, after, end: Math.min(at, text.length) };
}

function lineAt(text, at) {
  const end = text.indexOf("\n", at);
  return text.slice(at, end < 0 ? text.length : end);
}
