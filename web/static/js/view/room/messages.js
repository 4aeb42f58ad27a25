// The messages on the page, in blocks: what is far from the view is not laid out (css/messages.css).

import { standing } from "../../text/grouping.js";
import { erase, markUnread, place, rowOf, unseenRow } from "./row.js";

const BLOCK = 50; // messages

export function messageList(log, template, words, me) {
  const rows = new Map(); // by seq
  const shown = new Map(); // the messages in them
  let first; // the outermost messages shown
  let last;
  let line = null; // the row under the line

  function restart(messages) {
    hush();
    log.replaceChildren();
    rows.clear();
    shown.clear();
    line = null;
    first = last = undefined;
    append(messages);
  }

  function append(messages) {
    let block = log.lastElementChild;
    for (const message of messages) {
      if (!block || block.childElementCount >= BLOCK) log.append((block = newBlock()));
      block.append(placed(message, last));
      if (message.deletes) continue;
      first ??= message;
      last = message;
    }
    rest(log);
  }

  function prepend(messages) {
    if (!messages.length) return;
    hush();
    if (!first) return append(messages); // what is there is nothing to see
    log.firstElementChild.classList.remove("resting"); // its height changes with what follows
    place(rows.get(first.seq), standing(first, messages.findLast(seen)), first.at);
    const blocks = [];
    for (let end = messages.length; end > 0; end -= BLOCK) {
      const start = Math.max(0, end - BLOCK);
      const block = newBlock();
      block.append(...messages.slice(start, end).map((each, index) => placed(each, messages.slice(0, start + index).findLast(seen))));
      blocks.unshift(block);
    }
    log.prepend(...blocks);
    first = messages.find(seen) ?? first;
    rest(log);
  }

  // Only what is said now is to be read aloud, not what was said before.
  function hush() {
    log.ariaBusy = true;
    requestAnimationFrame(() => (log.ariaBusy = false));
  }

  function placed(message, before) {
    const made = message.deletes ? unseenRow() : rowOf(template, message, me, words);
    rows.set(message.seq, made);
    if (message.deletes) return made;
    shown.set(message.seq, message);
    place(made, standing(message, before), message.at);
    return made;
  }

  function row(seq) {
    return rows.get(seq) ?? null;
  }

  // The line stands above the first message after `seq`, if that is shown. Returns its row.
  function freshAfter(seq) {
    const next = seq === null ? null : nextSeen(seq + 1);
    if (next === line) return line;
    line?.querySelector(".fresh").remove();
    if (next) markUnread(next, words.fresh);
    return (line = next);
  }

  function nextSeen(seq) {
    while (row(seq)?.hidden) seq += 1;
    return row(seq);
  }

  // These messages were deleted. The one after it may have stood under its name.
  function eraseAll(seqs) {
    for (const seq of seqs.filter((each) => shown.has(each))) {
      const message = shown.get(seq);
      erase(row(seq), words);
      row(seq).classList.add("continued");
      const next = shown.get(Number(nextSeen(seq + 1)?.dataset.seq));
      if (next) place(row(next.seq), standing(next, message), next.at);
    }
  }

  return { restart, append, prepend, row, freshAfter, erase: eraseAll };
}

function seen({ deletes }) {
  return !deletes;
}

function newBlock() {
  return Object.assign(document.createElement("ol"), { className: "block" });
}

// Only once it was laid out does the browser know (and remember) how high a block is. The last one still grows.
function rest(log) {
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      for (const block of log.children) block.classList.toggle("resting", block !== log.lastElementChild);
    }),
  );
}
