// The quote above an answer: who is answered, and the beginning of what they said. A link leads there.

import { gistOf } from "../../text/gist.js";
import { pathOf } from "../../text/routes.js";

const MOST = 200; // characters; one line of them is seen

// `quoted(message)` returns the message that this one answers: null if it is not there any more, undefined if it is not known.
export function fillQuote(row, message, { words, quoted, wantQuote }) {
  const { reply, room } = message;
  let quote = row.querySelector(".quote");
  if (!reply) return quote?.remove();
  if (!quote) {
    quote = newQuote(row, words);
    row.querySelector(".byline").after(quote);
  }
  const answered = quoted(message);
  quote.href = pathOf(room, reply.seq);
  quote.dataset.of = reply.seq;
  const { name } = answered?.author ?? reply.author;
  quote.querySelector("bdi").textContent = answered && answered.text === undefined ? "" : name || words.erased;
  quote.querySelector("q").textContent = answered === undefined ? "…" : (gistOf(answered ?? {}, words)?.slice(0, MOST) ?? words.deleted);
  wantQuote(quote, answered === undefined);
}

// Calls `fetch(row)` for quotes that come into view and whose message is not known. Returns a function of a quote, and whether it is
// one of those.
export function wanting(fetch) {
  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      observer.unobserve(target);
      fetch(target.closest(".message"));
    }
  });
  return (quote, wanted) => (wanted ? observer.observe(quote) : observer.unobserve(quote));
}

function newQuote(row, words) {
  const quote = document.createElement("a");
  Object.assign(quote, { className: "quote", tabIndex: row.querySelector(".at").tabIndex });
  const before = Object.assign(document.createElement("span"), { className: "unseen", textContent: words.answers });
  const said = document.createElement("q");
  said.dir = "auto";
  quote.append(before, " ", document.createElement("bdi"), " ", said);
  return quote;
}
