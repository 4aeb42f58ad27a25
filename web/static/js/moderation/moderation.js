// Moderation: opens the dialog about a message or a person, and the one about the room. The page shows the buttons to
// moderators only.

import { roomDialog } from "./roomdialog.js";
import { sanctionDialog } from "./sanctiondialog.js";

// `elements`: the messages' and the people's, the two dialogs, and the button that opens the one about the room.
export function moderation({ elements: { log, people, ...dialogs }, connection, conversation, me, descriptions, titleOf, words }) {
  const sanctions = sanctionDialog(dialogs.sanctioning, connection, words.refusal);
  roomDialog({ dialog: dialogs.oversight, open: dialogs.open, connection, room: () => conversation.room, descriptions, titleOf, words });

  log.addEventListener("click", ({ target }) => {
    if (!target.closest(".act")) return;
    const seq = Number(target.closest("li").dataset.seq);
    const message = conversation.timeline.entries.find((each) => each.seq === seq);
    if (message) sanctions.open(message.author, message, message.author.id === me.id);
  });
  people.addEventListener("click", ({ target }) => {
    if (target.closest(".act")) sanctions.open({ ...target.closest("li").dataset }, null, false);
  });
}
