// What is said in the place of a room that there is not, or that the person may not see any more.

import { isolated } from "../../text/words.js";

// `elements`: the room's, and the one that says it, in which a link leads to the lobby.
export function missingRoom({ room, note }, words, visitLobby) {
  const sentence = note.querySelector("p");
  note.querySelector("a").addEventListener("click", (event) => {
    event.preventDefault();
    visitLobby();
  });

  // `refusal`: the server's. `title`: of a room in which the person was until now.
  function show(refusal, title = null) {
    if (!note.hidden && title === null) return;
    room.classList.add("missing");
    note.hidden = false;
    sentence.textContent = title === null ? words.refusal(refusal) : words.rooms.lost(isolated(title));
    note.focus(); // the message field is gone
  }

  function end() {
    room.classList.remove("missing");
    note.hidden = true;
    sentence.textContent = "";
  }

  return {
    show,
    end,
    get shown() {
      return !note.hidden;
    },
  };
}
