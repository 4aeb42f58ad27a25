// The words of the page, in the language the page came in: texts, and functions where a text has gaps.
//
// They all stand in templates/words.html, for the templates and for the scripts; the page carries the scripts' ones.

export function wordsOf(document) {
  const plural = new Intl.PluralRules(document.documentElement.lang);
  return spoken(JSON.parse(document.getElementById("words").textContent), plural);
}

// "{0} of {1}" becomes a function of two values; {one: …, other: …} one that looks at the first value's number.
export function spoken(words, plural) {
  if (typeof words === "string") return /\{\d\}/.test(words) ? (...values) => filled(words, values) : words;
  if ("other" in words) return (...values) => filled(words[plural.select(values[0])] ?? words.other, values);
  return Object.fromEntries(Object.entries(words).map(([name, each]) => [name, spoken(each, plural)]));
}

// A name in a sentence: its direction ends with it.
export function isolated(name) {
  return `\u2068${name}\u2069`;
}

function filled(text, values) {
  return text.replace(/\{(\d)\}/g, (_, index) => values[index]);
}
