// The line that says who types. Not read aloud: it comes and goes too often.

import { isolated } from "../../text/words.js";

export function typingLine(element, words) {
  function show(authors) {
    const names = authors.map(({ name }) => isolated(name));
    const [one, two] = names;
    element.textContent = names.length > 2 ? words.many : two ? words.two(one, two) : one ? words.one(one) : "";
  }

  return { show };
}
