// Search: finds messages, without regard to case and accents.

export function plain(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

// Returns the numbers of the messages whose text, author or files have the query, in order.
export function found(messages, query) {
  const wanted = plain(query.trim());
  if (!wanted) return [];
  const said = messages.filter(({ text }) => text !== undefined);
  const all = ({ text, author, files = [] }) => [author.name, text, ...files.map(({ name }) => name)].join("\n");
  return said.filter((message) => plain(all(message)).includes(wanted)).map(({ seq }) => seq);
}
