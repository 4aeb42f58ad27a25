// The highlights: what was searched for, in the rows that have it. They don't touch the page's elements. Where the browser has none, a
// row is pointed at in any case.

import { seen } from "../../text/markup.js";
import { plain } from "../../text/plain.js";

const MOST = 2_000; // more would make the page slow: a single letter may occur very often
const BLOCKS = ".text, li, blockquote, pre";

// The newest rows come first. `rows` may have nulls.
export function highlight(rows, query) {
  if (!CSS.highlights) return;
  const wanted = [query.trim(), seen(query.trim())].map(plain).filter(Boolean);
  const marks = new Highlight();
  for (const row of rows.toReversed()) {
    for (const range of row ? rangesIn(row.querySelector(".text"), wanted) : []) {
      if (marks.size === MOST) break;
      marks.add(range);
    }
  }
  CSS.highlights.set("found", marks);
}

// Of the first of the texts that are wanted that is there: somebody may have typed the marks of what is seen.
function rangesIn(element, wanted) {
  const { text, nodes } = textIn(element);
  const first = wanted.find((each) => text.includes(each));
  return first ? ranges(text, nodes, first) : [];
}

// They are of a kind that the browser need not mend at each change of the page.
function* ranges(text, nodes, wanted) {
  let index = 0;
  const place = (at) => {
    while (nodes[index + 1]?.start <= at) index += 1;
    return [nodes[index].node, at - nodes[index].start];
  };
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
    const [startContainer, startOffset] = place(at);
    const [endContainer, last] = place(at + wanted.length - 1);
    yield new StaticRange({ startContainer, startOffset, endContainer, endOffset: last + 1 });
  }
}

// An element's text, without case and accents, and where each of its text nodes begins in it. What is wanted may begin in one node and
// end in another, as in **bold** text, but not in another block.
function textIn(element) {
  const walk = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const nodes = [];
  let text = "";
  let block = null;
  while (walk.nextNode()) {
    const node = walk.currentNode;
    const its = node.parentElement.closest(BLOCKS);
    if (block && its !== block) text += "\n";
    block = its;
    nodes.push({ node, start: text.length });
    text += ofSameLength(node.data);
  }
  return { text, nodes };
}

// Accents may change a text's length; then nothing is found in it, and the row alone is pointed at.
function ofSameLength(data) {
  const text = plain(data);
  return text.length === data.length ? text : "\n".repeat(data.length);
}
