// The messages on the page, in blocks of 50. The browser does not lay out blocks that are far from the view (css/messages.css).

import { standing } from "../../text/grouping.js";
import { isMessage } from "../../model/kinds.js";
import { fill } from "./kinds.js";
import { hiddenRow, markUnread, place, rowOf } from "./row.js";

const BLOCK = 50; // messages

// `look` is what rows need besides their message: `words` and `me`; `nameOf(id)`, what somebody is called now, if that is known;
// `made(message)`, the message with what is on its way; `quoted` and `wantQuote` as quote.js takes them; `fillFiles` as
// files.js makes it.
export function messageList(log, template, look) {
  const { words, nameOf, made } = look;
  const rows = new Map(); // by seq
  const shown = new Map(); // the messages in them
  let first; // the outermost messages shown
  let last;
  let line = null; // the row with the line above the first unread message

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
      if (!isMessage(message)) continue;
      first ??= message;
      last = message;
    }
    rest(log);
  }

  function prepend(messages) {
    if (!messages.length) return;
    hush();
    if (!first) return append(messages); // there are only hidden rows
    log.firstElementChild.classList.remove("resting"); // its height changes with what follows
    place(rows.get(first.seq), standing(first, messages.findLast(isMessage)), first.at);
    const blocks = [];
    for (let end = messages.length; end > 0; end -= BLOCK) {
      const start = Math.max(0, end - BLOCK);
      const block = newBlock();
      block.append(...messages.slice(start, end).map((each, index) => placed(each, messages.slice(0, start + index).findLast(isMessage))));
      blocks.unshift(block);
    }
    log.prepend(...blocks);
    first = messages.find(isMessage) ?? first;
    rest(log);
  }

  // Screen readers read new messages aloud, and not those that are loaded.
  function hush() {
    log.ariaBusy = true;
    requestAnimationFrame(() => (log.ariaBusy = false));
  }

  function placed(message, before) {
    const row = isMessage(message) ? rowOf(template, made(message), look) : hiddenRow();
    rows.set(message.seq, row);
    if (!isMessage(message)) return row;
    shown.set(message.seq, message);
    place(row, standing(message, before), message.at);
    return row;
  }

  // Somebody may have another name now.
  function showNames() {
    for (const mention of log.querySelectorAll(".mention")) {
      const name = nameOf(mention.dataset.id);
      if (name && name !== mention.lastChild.textContent) mention.lastChild.textContent = name;
    }
  }

  function row(seq) {
    return rows.get(seq) ?? null;
  }

  // Puts the line above the first message after `seq`, if that one is shown; null removes it. Returns the message's row.
  function unreadAfter(seq) {
    const next = seq === null ? null : nearestSeen(seq + 1);
    if (next === line) return line;
    line?.querySelector(".fresh").remove();
    if (next) markUnread(next, words.fresh);
    return (line = next);
  }

  // The row of a number, or the first one after it (with -1: before it) that is not hidden.
  function nearestSeen(seq, step = 1) {
    while (row(seq)?.hidden) seq += step;
    return row(seq);
  }

  function messageOf(row) {
    return shown.get(Number(row?.dataset.seq));
  }

  // These messages have changed, or what is on its way for them. The next row may have to show its author now.
  function update(seqs) {
    hush();
    for (const seq of seqs) for (const quote of log.querySelectorAll(`.quote[data-of="${seq}"]`)) refill(quote.closest(".message"));
    for (const seq of seqs.filter((each) => shown.has(each))) {
      const message = made(shown.get(seq));
      fill(row(seq), message, look);
      const { continued } = standing(message, messageOf(nearestSeen(seq - 1, -1)));
      row(seq).classList.toggle("continued", continued);
      const next = messageOf(nearestSeen(seq + 1));
      if (next) place(row(next.seq), standing(next, message), next.at);
    }
  }

  // What a row quotes is known by now, or has changed.
  function refill(row) {
    fill(row, made(messageOf(row)), look);
  }

  return { restart, append, prepend, row, messageOf, unreadAfter, update, showNames };
}

function newBlock() {
  return Object.assign(document.createElement("ol"), { className: "block" });
}

// The browser knows a block's height after it has been laid out once. The last block still grows.
function rest(log) {
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      for (const block of log.children) block.classList.toggle("resting", block !== log.lastElementChild);
    }),
  );
}
