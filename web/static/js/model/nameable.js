// The people whom a message in a room may name: who is there, under the name that they have now, and then who wrote what is loaded of
// it. Not this person.
export function nameable({ people, timeline }, me) {
  const authors = timeline.entries.flatMap(({ author }) => (author?.name ? [author] : [])).reverse();
  const known = new Map();
  for (const each of [...people.list, ...authors]) if (each.id !== me.id && !known.has(each.id)) known.set(each.id, each);
  return [...known.values()];
}
