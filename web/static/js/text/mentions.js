// Mentions: whom a text names. In a message, `mentions` are the people who were named with an @ when it was written, by their ids,
// each {id, name} with the name as it stands in the text. In a text of a program, or of an earlier release, only the name tells.

const MOST = 20; // as the server takes

// What names everybody in a room.
export const HERE = "here";

// Whether a message mentions this person. An answer mentions whom it answers.
export function mentionsMe({ text, mentions = [], reply, here }, me) {
  if (here || reply?.author?.id === me.id || mentions.some(({ id }) => id === me.id)) return true;
  const another = mentions.some(({ name }) => folded(name) === folded(me.name));
  return !another && named(text, me.name);
}

// Whether a text has somebody's name in it.
export function named(text, name) {
  const wanted = folded(name);
  const words = new RegExp(`(?<![\\p{L}\\p{N}])${wanted.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\p{L}\\p{N}])`, "u");
  return words.test(folded(text));
}

// Whom of these people a text names with an @, as a message has them. Of two of one name both are meant.
export function mentionsIn(text, people) {
  const found = new Map();
  for (const { at, name, all } of places(text, people)) {
    for (const { id } of all) if (found.size < MOST) found.set(id, { id, name: text.slice(at + 1, at + 1 + name.length) });
  }
  return [...found.values()];
}

// Whether a text has @here, and not in an address or a longer word.
export function namesHere(text) {
  return mentionsIn(text, [{ id: HERE, name: HERE }]).some(({ name }) => name === HERE);
}

// Takes a text apart where it names one of these people with an @: [{text}, {text, id}, …], whose texts in order are the text.
export function apart(text, people) {
  const parts = [];
  let end = 0;
  for (const { at, name, all } of places(text, people)) {
    if (at > end) parts.push({ text: text.slice(end, at) });
    end = at + 1 + name.length;
    parts.push({ text: text.slice(at, end), id: all[0].id });
  }
  if (end < text.length) parts.push({ text: text.slice(end) });
  return parts;
}

// Where a text names somebody: the longest name after each @, and all who have it.
function* places(text, people) {
  const longest = [...people].sort((one, other) => other.name.length - one.name.length);
  const small = text.toLowerCase();
  if (small.length !== text.length) return; // a rare letter that is two when it is small: nothing would be where it was found
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", at + 1)) {
    if (/[\p{L}\p{N}]/u.test(text.charAt(at - 1))) continue; // an e-mail address
    const first = longest.find(({ name }) => small.startsWith(name.toLowerCase(), at + 1) && ends(text, at + 1 + name.length));
    if (!first) continue;
    const name = first.name;
    yield { at, name, all: people.filter((each) => each.name.toLowerCase() === name.toLowerCase()) };
    at += name.length;
  }
}

function ends(text, at) {
  return !/[\p{L}\p{N}]/u.test(text.charAt(at));
}

function folded(text) {
  return text.normalize("NFC").toLocaleLowerCase();
}
