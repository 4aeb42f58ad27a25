// The marks in a line: **bold**, *italic* or _italic_, ~~struck~~. As in CommonMark, but stricter, since people write to each other
// here who do not think of marks: 2*3*4, snake_case, __init__, ^_^ and /usr/_a_/b stay what they are.

const LENGTHS = { "*": [1, 2, 3], _: [1], "~": [2] }; // of runs that mean something
// Writing that has no spaces between words, or glues endings to them: Thai, Lao, Burmese, Khmer, Chinese, Japanese and Korean, with
// its signs. A mark may stand right beside it, and beside half a character or what ends one, which is of an emoji or a rare sign.
const UNSPACED =
  /[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u9fff\uac00-\udfff\uf900-\ufaff\ufe0f\uff00-\uffef]/;
const WORD = /[\p{L}\p{N}\p{M}]/u;
const SIGN = /[*_~]/;
const PATH = /[/.@#$%&=+-]/; // may stand before an underscore that is of a name

// The marks at a place, {kind: "marks", marks, end}, each {mark, opens, closes}; without a kind if there are none.
export function marksAt(text, at) {
  const sign = text.charAt(at);
  if (!(sign in LENGTHS)) return { end: at + 1 };
  let end = at + 1;
  while (text.charAt(end) === sign) end += 1;
  const run = text.slice(at, end);
  const before = text.charAt(at - 1);
  const after = text.charAt(end);
  // A backslash takes its meaning; and with what may follow it becomes another sign, such as a key of a telephone.
  if (!LENGTHS[sign].includes(end - at) || before === "\\" || /\p{M}/u.test(after)) return { end };
  const opens = canOpen(sign, before, after);
  const closes = /\S/.test(before) && (!isWord(after) || UNSPACED.test(before));
  const marks = run.length < 3 ? [run] : opens ? ["**", "*"] : ["*", "**"];
  return { kind: "marks", marks: marks.map((mark) => ({ mark, opens, closes })), end };
}

// After a sign, only before a word: else a face would begin something. And not before a dot, as in *.txt.
function canOpen(sign, before, after) {
  if (!/[^\s.]/.test(after) || (isWord(before) && !UNSPACED.test(after)) || (sign === "_" && PATH.test(before))) return false;
  return WORD.test(after) || !/\S/.test(before) || UNSPACED.test(before) || SIGN.test(before);
}

// Of writing that has spaces between words.
function isWord(beside) {
  return WORD.test(beside) && !UNSPACED.test(beside);
}

// Tells each mark among spans what it belongs to: `closed` if another closes it, and that one its `opener`. A mark "\n" ends the
// line, as does what has lines of its own, and all that was opened in it. Of two that could be closed by one, the later is.
export function pair(spans) {
  let open = []; // each mark once at most
  for (const each of spans) {
    const at = each.closes ? open.findIndex(({ mark }) => mark === each.mark) : -1;
    if (at >= 0) {
      each.opener = open[at];
      each.opener.closed = true;
      open.length = at;
    } else if (each.opens) open = [...open.filter(({ mark }) => mark !== each.mark), each];
    else if (each.mark === "\n" || each.parts || each.kind === "block") open = [];
  }
}
