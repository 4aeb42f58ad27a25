// The kinds of entries in a room's log. Each kind has a field that no other has, and is called by it. What an entry looks like on
// the page is in view/room/kinds.js.
//
// A kind may have:
// - `message`: true if an entry is a message. It has a row on the page.
// - `counted`: true if it counts as unread.
// - `targets(entry)`: the numbers of the entries that an entry changes.
// - `removes`: true if these are no longer there.
// - `change(target, entry, me)`: changes one of them. `me` is the person of the page, as far as it matters.
// - `changeReply(reply)`: changes what a reply to one of them says about it.
//
// An entry may be applied more than once, and to messages that a later page of the log has as they are by now. So each says what is,
// and not what is different.

import { HERE } from "../text/mentions.js";

// What stays of a message that is deleted, besides its author's id.
const PLACE = new Set(["id", "room", "seq", "at", "epoch"]);

const KINDS = {
  text: { message: true, counted: true },
  // What a message says now. An edit that was overtaken by another one, or by a deletion, has `superseded` instead of `now`.
  edits: {
    targets: ({ edits }) => [edits],
    change(message, { now, seq }) {
      if (!now || !isText(message) || seq <= message.edited) return;
      delete message.mentions;
      Object.assign(message, now, { edited: seq });
      if (!now.text.includes(`@${HERE}`)) delete message.here;
    },
  },
  reacts: {
    targets: ({ reacts }) => [reacts],
    change(message, { emoji, on, count, seq, author }, me) {
      if (!isText(message)) return;
      const { reactions = [] } = message;
      const before = reactions.find((each) => each.emoji === emoji);
      const mine = author.id === me?.id ? on : before?.mine;
      const now = { emoji, count, since: before?.since ?? seq, ...(mine && { mine }) };
      message.reactions = [...reactions.filter((each) => each !== before), ...(count ? [now] : [])].sort(bySince);
    },
  },
  deleted: { message: true }, // what is left of a message: {id, room, seq, at, author: {id}, deleted: true}
  made: {}, // a private or direct room begins with it
  deletes: {
    removes: true,
    targets: ({ deletes }) => [deletes].flat(),
    // The same object may be shown elsewhere. Its text is gone there as well.
    change(message) {
      if (!isMessage(message)) return;
      const { id } = message.author;
      for (const each of Object.keys(message)) if (!PLACE.has(each)) delete message[each];
      Object.assign(message, { author: { id }, deleted: true });
    },
  },
  // The names of those who wrote these were erased. A room's first entry may be among them.
  erases: {
    targets: ({ erases }) => [erases].flat(),
    change(message) {
      message.author = { id: message.author.id, name: "" };
    },
    changeReply(reply) {
      reply.author = { id: reply.author.id, name: "" };
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

// Returns the numbers of the entries that an entry changes.
export function targetsOf(entry) {
  return ofKind(entry).targets?.(entry) ?? [];
}

// Returns the numbers of the messages that an entry removes.
export function removedBy(entry) {
  return ofKind(entry).removes ? targetsOf(entry) : [];
}

export function change(target, entry, me) {
  ofKind(entry).change(target, entry, me);
}

// Returns a function of a reply, if an entry changes replies to what it is about.
export function changeOfReplies(entry) {
  return ofKind(entry).changeReply;
}

// No old text stays.
export function supersede(edit) {
  delete edit.now;
  edit.superseded = true;
}

function ofKind(entry) {
  return KINDS[kindOf(entry)] ?? UNKNOWN;
}

function isText(entry) {
  return kindOf(entry) === "text";
}

function bySince(one, other) {
  return one.since - other.since;
}
