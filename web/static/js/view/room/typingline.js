// The line that says who is typing. Screen readers do not read it, because it changes too often.

import { isolated } from "../../text/words.js";

export function typingLine(element, words) {
  function show(authors) {
    const names = authors.map(({ name }) => isolated(name));
    const [one, two] = names;
    element.textContent = names.length > 2 ? words.many : two ? words.two(one, two) : one ? words.one(one) : "";
  }

  return { show };
}
