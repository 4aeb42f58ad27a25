// The avatar: a person's first letter on a colour that depends on the id, so that two people of one name differ.

const COLOURS = 8; // css/avatar.css has as many
const letters = globalThis.Intl.Segmenter && new Intl.Segmenter(undefined, { granularity: "grapheme" });

export function initialOf(name) {
  const [first = ""] = letters ? Array.from(letters.segment(name), ({ segment }) => segment) : [...name];
  return first.toLocaleUpperCase();
}

export function colourOf(id) {
  let sum = 0;
  for (const char of id) sum = (sum * 31 + char.codePointAt(0)) % 9973;
  return sum % COLOURS;
}

export function paint(element, { id, name }) {
  element.textContent = initialOf(name);
  element.dataset.colour = colourOf(id);
}
