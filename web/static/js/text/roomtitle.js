// What a room is called: a direct one by the others in it, any other by its title, an open one without a title by its address.

import { locale } from "./locale.js";
import { isGuarded } from "./routes.js";

// `about` is the room's description, {kind, title, others?}; `erased` is said of others whose names were erased.
export function roomTitle(room, { title, others = [] }, erased) {
  const names = others.map(({ name }) => name || erased);
  return names.length ? new Intl.ListFormat(locale, { type: "unit" }).format(names) : title || (isGuarded(room) ? "…" : room);
}
