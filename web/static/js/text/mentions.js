// Mentions: whether a text has somebody's name in it.

export function mentions(text, name) {
  const wanted = folded(name);
  const words = new RegExp(`(?<![\\p{L}\\p{N}])${wanted.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\p{L}\\p{N}])`, "u");
  return words.test(folded(text));
}

function folded(text) {
  return text.normalize("NFC").toLocaleLowerCase();
}
