// The title: where one is, and how much one has not read anywhere.

export function titleOf(room, unread) {
  return `${unread ? `(${unread > 99 ? "99+" : unread}) ` : ""}${room} · Tertulia`;
}
