// What tests of the markup ask: what its parts were made of, and how many characters were looked at.

// The text of which these parts were made.
export function typed(parts) {
  return parts.map(typedIn).join("");
}

function typedIn({ text, parts, prefixes, before = "", after = "" }) {
  const inner = parts ? typed(parts) : text;
  if (!prefixes) return before + inner + after;
  const lines = inner.split("\n");
  if (lines.length !== prefixes.length) throw new Error(`${lines.length} lines have ${prefixes.length} beginnings`);
  return lines.map((line, index) => prefixes[index] + line).join("\n") + after;
}

const PROBED = ["charAt", "slice", "indexOf", "includes", "startsWith", "endsWith", "split", "repeat", "replace", "trim", "toLowerCase", "match"];

// At how many characters `work` looks, at most: all of a text count where one of its methods or an expression may look at all.
export function looks(work) {
  let count = 0;
  const restore = [];
  const probe = (prototype, name, cost) => {
    const real = prototype[name];
    prototype[name] = function (...given) {
      const made = real.apply(this, given);
      count += cost(this, made, given);
      return made;
    };
    restore.push(() => (prototype[name] = real));
  };
  const COSTS = {
    charAt: () => 1,
    slice: (_, made) => made.length,
    indexOf: (text, found, [, from = 0]) => (found < 0 ? text.length : found + 1) - from,
  };
  for (const name of PROBED) probe(String.prototype, name, COSTS[name] ?? ((text) => text.length));
  for (const name of ["push", "pop", "unshift"]) probe(Array.prototype, name, () => 1);
  probe(Array.prototype, "join", (_, made) => made.length);
  probe(RegExp.prototype, "exec", (_, __, [text]) => text.length);
  probe(RegExp.prototype, "test", () => 0); // calls exec
  try {
    work();
  } finally {
    for (const each of restore) each();
  }
  return count;
}
