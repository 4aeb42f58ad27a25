// The note that somebody has let this person into a room, until it is closed or the room is visited.

import { pathOf } from "../text/routes.js";
import { isolated } from "../text/words.js";

// `elements`: the one that says it, and the button that closes it. `visit(room)` goes there.
export function invitations({ said, close }, words, visit) {
  let shown = null; // the room's name

  close.addEventListener("click", end);

  function show({ room, about, by }) {
    shown = room;
    const link = document.createElement("a");
    link.href = pathOf(room);
    link.textContent = words[about.kind](isolated(by.name), isolated(about.title));
    link.addEventListener("click", (event) => {
      event.preventDefault();
      visit(room);
    });
    said.replaceChildren(link);
    close.hidden = false;
  }

  function end() {
    shown = null;
    said.replaceChildren();
    close.hidden = true;
  }

  // This room is visited, or is gone.
  function over(room) {
    if (room === shown) end();
  }

  return { show, over };
}
