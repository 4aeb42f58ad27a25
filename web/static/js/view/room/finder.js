// The finder: searches the messages of a room that are loaded, from the newest match to older ones.

import { found, plain } from "../../text/search.js";

const MOST_MARKS = 2_000; // more would make the page slow: a single letter may occur very often

// `source()` gives the messages, `rowOf(seq)` a message's row, `goTo(row)` brings one into view.
export function finder({ form, toggle, source, rowOf, goTo, words }) {
  const { query, older, newer, close } = form.elements;
  const count = form.querySelector(".count");
  let matches = [];
  let at = -1;

  toggle.addEventListener("click", () => (form.hidden ? open() : end()));
  close.addEventListener("click", end);
  older.addEventListener("click", () => step(-1));
  newer.addEventListener("click", () => step(1));
  query.addEventListener("input", look);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    step(-1);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") end();
    if (event.key === "Enter" && event.shiftKey) event.preventDefault(), step(1);
  });

  function open() {
    form.hidden = false;
    toggle.setAttribute("aria-expanded", true);
    query.select();
    query.focus();
    look();
  }

  function end() {
    if (form.hidden) return;
    form.hidden = true;
    toggle.setAttribute("aria-expanded", false);
    highlight([], "", rowOf);
    toggle.focus();
  }

  function look() {
    matches = found(source(), query.value);
    at = matches.length;
    highlight(matches, query.value, rowOf);
    step(-1);
  }

  function step(by) {
    at = Math.min(Math.max(at + by, 0), matches.length - 1);
    count.textContent = matches.length ? words.at(matches.length - at, matches.length) : query.value.trim() && words.none;
    if (matches.length) goTo(rowOf(matches[at]));
  }

  return { end };
}

// Without touching the page's elements, where the browser can; the row is pointed at in any case. The newest come first.
function highlight(seqs, query, rowOf) {
  if (!CSS.highlights) return;
  const wanted = plain(query.trim());
  const marks = new Highlight();
  for (const seq of seqs.toReversed()) {
    for (const range of rangesIn(rowOf(seq)?.querySelector(".text"), wanted)) {
      if (marks.size === MOST_MARKS) break;
      marks.add(range);
    }
  }
  CSS.highlights.set("found", marks);
}

// Ranges that the browser need not mend at each change of the page.
function* rangesIn(element, wanted) {
  if (!wanted) return;
  const walk = element && document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  while (walk?.nextNode()) {
    const node = walk.currentNode;
    const text = plain(node.data);
    // Accents may change a text's length; then the row alone is pointed at.
    if (text.length !== node.data.length) continue;
    for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
      yield new StaticRange({ startContainer: node, startOffset: at, endContainer: node, endOffset: at + wanted.length });
    }
  }
}
