// What a room is called: a direct one by the others in it, any other by its title, if it has one, or its address.

import { locale } from "./locale.js";

// `about` is the room's description, {kind, title, others?}.
export function roomTitle(room, { title, others = [] }) {
  const names = others.map(({ name }) => name);
  return names.length ? new Intl.ListFormat(locale, { type: "unit" }).format(names) : title || room;
}
