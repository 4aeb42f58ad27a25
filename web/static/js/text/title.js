// The page's title: the room, and the number of unread messages in all rooms.

export function titleOf(room, unread) {
  return `${unread ? `(${unread > 99 ? "99+" : unread}) ` : ""}${room} · Tertulia`;
}
