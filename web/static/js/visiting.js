// Visiting: going from room to room. The address says which room is shown, and which message in it.

import { pathOf, routeOf } from "./routes.js";

// `turnTo(name)` shows another room, `focus()` lets one write, `unknown(seq)` says that there is no such message.
export function visiting({ conversation, side, turnTo, focus, unknown }) {
  function visit(room, seq = null) {
    if (pathOf(room, seq) !== location.pathname + location.hash) history.pushState(null, "", pathOf(room, seq));
    side.close();
    arrive();
    if (seq === null) focus();
  }

  function arrive() {
    const { room: name, seq } = routeOf(location);
    history.replaceState(null, "", pathOf(name, seq)); // one address for the lobby, which has two
    if (conversation.room?.name !== name) turnTo(name);
    if (document.activeElement === document.body) focus();
    if (seq !== null) whenLive(() => goTo(seq));
  }

  async function goTo(seq) {
    const { room } = conversation;
    if (!(await conversation.goTo(seq)) && room === conversation.room) unknown(seq);
  }

  // An older message may have to be fetched.
  function whenLive(act) {
    const { room } = conversation;
    if (room.live) return act();
    const look = () => {
      if (room.live || room !== conversation.room) room.removeEventListener("change", look);
      if (room.live && room === conversation.room) act();
    };
    room.addEventListener("change", look);
  }

  window.addEventListener("popstate", arrive);

  return { visit, arrive };
}
