// Search: finds messages, without regard to case and accents.

import { seen } from "./markup.js";
import { plain } from "./plain.js";

const MARK = /[*_~`>]/;
const known = new WeakMap(); // by message: what is seen of its text, since many are searched at each key press

// Returns the numbers of the messages whose text, author or files have the query, in order. A text is found as it is seen, and as it
// was typed.
export function found(messages, query) {
  const wanted = plain(query.trim());
  if (!wanted) return [];
  const said = messages.filter(({ text }) => text !== undefined);
  const typed = ({ text, author, files = [] }) => plain([author.name, text, ...files.map(({ name }) => name)].join("\n"));
  return said.filter((message) => typed(message).includes(wanted) || seenOf(message).includes(wanted)).map(({ seq }) => seq);
}

function seenOf(message) {
  const { text } = message;
  if (!MARK.test(text)) return ""; // it is as it was typed
  if (known.get(message)?.text !== text) known.set(message, { text, seen: plain(seen(text, message.mentions)) });
  return known.get(message).seen;
}
