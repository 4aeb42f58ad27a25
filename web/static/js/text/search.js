// Search: finds messages, without regard to case and accents.

export function plain(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

// Returns the numbers of the messages whose text or author has the query, in order.
export function found(messages, query) {
  const wanted = plain(query.trim());
  if (!wanted) return [];
  const said = messages.filter(({ text }) => text !== undefined);
  return said.filter(({ text, author }) => plain(`${author.name}\n${text}`).includes(wanted)).map(({ seq }) => seq);
}
