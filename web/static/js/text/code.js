// Code in a text, between backticks.

// As in CommonMark: what a run of backticks opens ends with the next run of the same length, so that it may hold others. One of
// three or more holds lines.
export function codeAt(text, at, closing) {
  const length = runAt(text, at);
  const start = at + length;
  const close = nextRun(closing.get(length), start);
  if (close === undefined) return { end: start };
  const run = text.slice(at, start);
  const inner = text.slice(start, close);
  const end = close + length;
  if (length >= 3) return blockOf(inner, run, text.charAt(end) === "\n" ? "\n" : "", end);
  if (inner.includes("\n")) return { end: start };
  const pad = isPadded(inner) ? 1 : 0;
  const [before, after] = [run + " ".repeat(pad), " ".repeat(pad) + run];
  return { kind: "code", text: inner.slice(pad, inner.length - pad), before, after, end };
}

// The language after the opening run is not of the code, unless it is all there is. `next`: the line's end, if it follows.
function blockOf(inner, run, next, end) {
  const [first, language] = /^([\w+#.-]{0,30})\n(?=[^])/.exec(inner) ?? ["", ""];
  const last = inner.length > first.length && inner.endsWith("\n") ? "\n" : "";
  const text = inner.slice(first.length, inner.length - last.length);
  return { kind: "block", text, language, before: run + first, after: last + run + next, end: end + next.length };
}

// One space on both sides keeps a backtick inside apart from those around it.
function isPadded(inner) {
  return inner.startsWith(" ") && inner.endsWith(" ") && inner.trim();
}

// Where runs of backticks begin, by their length; the first of each stands last.
export function runsByLength(text) {
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
