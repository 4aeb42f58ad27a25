// The kinds of entries in a room's log. Each kind has a field that no other has, and is called by it. What an entry looks like on
// the page is in view/room/kinds.js.
//
// A kind may have:
// - `message`: true if an entry is a message. It has a row on the page.
// - `counted`: true if it counts as unread.
// - `targets(entry)`: the numbers of the messages that an entry changes.
// - `removes`: true if these messages are no longer there.
// - `change(message, entry)`: changes one of these messages.
const KINDS = {
  text: { message: true, counted: true },
  deleted: { message: true }, // what is left of a message: {id, room, seq, at, author: {id}, deleted: true}
  made: {}, // a private or direct room begins with it
  deletes: {
    removes: true,
    targets: ({ deletes }) => [deletes].flat(),
    // The same object may be shown elsewhere. Its text is gone there as well.
    change(message) {
      delete message.text;
      message.author = { id: message.author.id };
      message.deleted = true;
    },
  },
  // The names of those who wrote these were erased. A room's first entry may be among them.
  erases: {
    targets: ({ erases }) => [erases].flat(),
    change(message) {
      message.author = { id: message.author.id, name: "" };
    },
  },
};

// A kind of a later release. Its entry has a number, so that nothing is missing, and is not shown.
const UNKNOWN = {};

// Returns the name of an entry's kind, or undefined for one that this release does not know.
export function kindOf(entry) {
  return Object.keys(KINDS).find((kind) => kind in entry);
}

export function isMessage(entry) {
  return Boolean(ofKind(entry).message);
}

export function isCounted(entry) {
  return Boolean(ofKind(entry).counted);
}

// Returns the numbers of the messages that an entry changes.
export function targetsOf(entry) {
  return ofKind(entry).targets?.(entry) ?? [];
}

// Returns the numbers of the messages that an entry removes.
export function removedBy(entry) {
  return ofKind(entry).removes ? targetsOf(entry) : [];
}

export function change(message, entry) {
  ofKind(entry).change(message, entry);
}

function ofKind(entry) {
  return KINDS[kindOf(entry)] ?? UNKNOWN;
}
