// The quote above an answer: who is answered, and the beginning of what they said. A link leads there.

import { gistOf } from "../../text/gist.js";
import { pathOf } from "../../text/routes.js";

const MOST = 200; // characters; one line of them is seen

// `look` as messageList takes it: `quoted(reply)` returns the message that is answered, null if it is not there any more, or undefined if
// it is not known.
export function fillQuote(row, message, look) {
  const { reply, room } = message;
  let quote = row.querySelector(".quote");
  if (!reply) return quote?.remove();
  if (!quote) {
    quote = newQuote(row, look.words);
    row.querySelector(".byline").after(quote);
  }
  quote.href = pathOf(room, reply.seq);
  quote.dataset.of = reply.seq;
  const known = fillAnswered(quote, reply, look);
  look.wantQuote(quote, known ? null : reply);
}

// Shows who is answered, and what they said. A reply that was not sent yet does not know the author. Returns whether the message is known.
export function fillAnswered(line, reply, { words, quoted }) {
  const answered = quoted(reply);
  const by = answered ? answered.text !== undefined && answered.author : reply.author;
  line.querySelector("bdi").textContent = by ? by.name || words.erased : "";
  line.querySelector("q").textContent = answered === undefined ? "…" : (gistOf(answered ?? {}, words)?.slice(0, MOST) ?? words.deleted);
  return answered !== undefined;
}

// Calls `fetch(reply)` for quotes that come into view and whose message is not known. Returns a function of a quote, and what of the
// message it wants, if it is one of those.
export function wanting(fetch) {
  const wanted = new WeakMap(); // by quote
  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      observer.unobserve(target);
      fetch(wanted.get(target));
    }
  });
  return (quote, reply) => {
    if (!reply) return observer.unobserve(quote);
    wanted.set(quote, reply);
    observer.observe(quote);
  };
}

function newQuote(row, words) {
  const quote = document.createElement("a");
  Object.assign(quote, { className: "quote", tabIndex: row.querySelector(".at")?.tabIndex ?? 0 });
  const before = Object.assign(document.createElement("span"), { className: "unseen", textContent: words.answers });
  const said = document.createElement("q");
  said.dir = "auto";
  quote.append(before, " ", document.createElement("bdi"), " ", said);
  return quote;
}
