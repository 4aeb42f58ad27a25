// Navigation: going from room to room. The page's address says which room is shown, and which message in it.

import { pathOf, routeOf } from "../text/routes.js";

// `turnTo(name)` shows another room, `focus()` focuses the message field, `say(text)` shows why a message is not found.
export function navigation({ conversation, side, turnTo, focus, say, words }) {
  function visit(room, seq = null) {
    if (pathOf(room, seq) !== location.pathname + location.hash) history.pushState(null, "", pathOf(room, seq));
    side.close();
    arrive();
    if (seq === null) focus();
  }

  function arrive() {
    const { room: name, seq } = routeOf(location);
    const none = seq === null && location.hash.slice(1);
    history.replaceState(null, "", pathOf(name, seq)); // one address for the lobby, which has two
    if (conversation.room?.name !== name) turnTo(name);
    if (document.activeElement === document.body) focus();
    if (seq !== null) whenLive(() => goTo(seq));
    if (none) say(words.unknown(none));
  }

  async function goTo(seq) {
    const { room } = conversation;
    const there = await conversation.goTo(seq);
    if (!there && room === conversation.room) say(there === null ? words.untold(seq) : words.unknown(seq));
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
