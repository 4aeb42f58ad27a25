// Grouping: whether a message continues the one before it.

const TOGETHER = 5 * 60_000; // milliseconds between two messages of one person that are shown as one group

// Returns {newDay, continued}: whether a message is the first of a day, and whether it is shown without its author. `before` is the
// message before it, undefined for the first one.
export function standing(message, before) {
  const newDay = !before || !sameDay(message.at, before.at);
  const close = before && message.author.id === before.author.id && message.at - before.at < TOGETHER;
  // The author is shown again after changing the name or becoming a moderator, and never on a deleted message.
  const same = close && message.author.name === before.author.name && !message.author.moderator === !before.author.moderator;
  return { newDay, continued: Boolean(message.deleted) || (!newDay && same) };
}

function sameDay(one, other) {
  return new Date(one).toDateString() === new Date(other).toDateString();
}
