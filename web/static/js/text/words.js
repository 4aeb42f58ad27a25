// The words of the page, in the page's language: texts, and functions where a text has gaps.
//
// templates/words has a file for each language. The page contains the words that its scripts need.

import { filled, gapsOf } from "./gaps.js";
import { refusals } from "./refusals.js";

// `sentences` are those of refusals, of which there may be more later.
export function wordsOf(document) {
  const { refusals: sentences, ...words } = JSON.parse(document.getElementById("words").textContent);
  const plural = new Intl.PluralRules(document.documentElement.lang);
  return { ...spoken(words, plural), sentences, refusal: refusals(sentences) };
}

// "{0} of {1}" becomes a function of two values; {one: …, other: …} one that looks at the first value's number.
export function spoken(words, plural) {
  if (typeof words === "string") return gapsOf(words).length ? (...values) => filled(words, values) : words;
  if ("other" in words) return (...values) => filled(words[plural.select(values[0])] ?? words.other, values);
  return Object.fromEntries(Object.entries(words).map(([name, each]) => [name, spoken(each, plural)]));
}

// A name in a sentence, isolated: a name from right to left does not change the order of the sentence.
export function isolated(name) {
  return `\u2068${name}\u2069`;
}
