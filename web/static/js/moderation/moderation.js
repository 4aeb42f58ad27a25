// Moderation: opens the dialog about a message or a person, and the one about the room. The page shows the buttons to
// moderators only. That of a message is in its menu (actions/menu.js).

import { roomDialog } from "./roomdialog.js";
import { sanctionDialog } from "./sanctiondialog.js";

// `elements`: the people's, the two dialogs, and the button that opens the one about the room. Returns a function of a message that
// opens the dialog about it.
export function moderation({ elements: { people, ...dialogs }, connection, conversation, me, descriptions, titleOf, words }) {
  const sanctions = sanctionDialog(dialogs.sanctioning, connection, words.refusal);
  roomDialog({ dialog: dialogs.oversight, open: dialogs.open, connection, room: () => conversation.room, descriptions, titleOf, words });

  people.addEventListener("click", ({ target }) => {
    if (target.closest(".act")) sanctions.open({ ...target.closest("li").dataset }, null, false);
  });

  return (message) => sanctions.open(message.author, message, message.author.id === me.id);
}
