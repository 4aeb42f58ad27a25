// The page's title: the room, the number of unread messages in all rooms, and an @ if one of them mentions the person.

export function titleOf(room, unread, mentioned = false) {
  const count = unread > 99 ? "99+" : unread;
  return `${unread ? `(${mentioned ? "@ " : ""}${count}) ` : ""}${room} · Tertulia`;
}
