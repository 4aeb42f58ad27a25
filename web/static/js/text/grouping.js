// Grouping: whether a message continues the one before it.

const TOGETHER = 5 * 60_000; // milliseconds within which what one person says is read as one

// Returns {newDay, continued}: whether it begins a day, and whether it stands without a name. `before` is undefined for
// the first message there is.
export function standing(message, before) {
  const newDay = !before || !sameDay(message.at, before.at);
  const close = before && message.author.id === before.author.id && message.at - before.at < TOGETHER;
  // A person who changes the name, or becomes a moderator, between two messages is shown to have. A message that was deleted
  // has none.
  const same = close && message.author.name === before.author.name && !message.author.moderator === !before.author.moderator;
  return { newDay, continued: Boolean(message.deleted) || (!newDay && same) };
}

function sameDay(one, other) {
  return new Date(one).toDateString() === new Date(other).toDateString();
}
