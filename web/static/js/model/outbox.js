// The outbox of one person in the chat: messages that they wrote. An entry has a `text`, and may have `mentions` of
// the people whom it names, the message to which it is a `reply`, {seq, id}, `here` if it names everybody, and `files`
// (js/files/uploads.js). It waits until these have arrived, and does not hold up those behind it: a film may take an hour.

import { Outbox as RoomOutbox } from "../relay/outbox.js";

export class Outbox extends RoomOutbox {
  add(room, text, { mentions = [], reply = null, here = false, files } = {}) {
    const more = { ...(mentions.length && { mentions }), ...(reply && { reply }), ...(here && { here }), ...(files?.length && { files }) };
    return super.add(room, { text, ...more });
  }

  // A file that neither the server nor the browser has is lost with the page.
  entries(room) {
    return super.entries(room).map((entry) => ({ ...entry, saved: entry.saved && !entry.files?.some(({ id, kept }) => !id && !kept) }));
  }

  isComplete({ files = [] }) {
    return files.every(({ id }) => id);
  }

  // A file that no message named for a day is gone. It is brought once more.
  retry(entry) {
    const again = entry.refusal?.reason === "no_such_file" && { files: entry.files.map(({ id, address, ...file }) => file) };
    super.retry({ ...entry, ...again });
  }

  // An entry that was forgotten while it was on its way stays forgotten.
  fail(entry, refusal) {
    if (this.entries(entry.room).some(({ id }) => id === entry.id)) super.fail(entry, refusal);
  }

  // Nothing that was written for this room stays on the device.
  forget(room) {
    for (const entry of this.entries(room)) this.discard(entry);
    this.startOver(room);
  }

  // Only messages of `author` count, because other people may use the same id.
  shown(room, messages, high, author) {
    return super.shown(room, messages.filter((message) => message.author?.id === author), high);
  }
}
