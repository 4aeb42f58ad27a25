// The changes: edits, deletions and reactions that one person made here and that the timeline does not show yet. Of those that are
// about the same (the text of a message, or one emoji on it) only the last one counts.
//
// A change is {room, seq, id, event, order, state}, where `seq` and `id` are the message's and `event` is what the server is asked:
// "edit" with `text` and `mentions`, "delete", or "react" with `emoji` and `on`. Its state is "pending" until the server acknowledges
// it, then "sent" until the timeline shows it. An edit that the server will never take is "failed", with its `refusal`: somebody
// wrote its text. Another change of this sort is gone. Pending and failed ones are in the browser's storage.
//
// Events: "change", with the {room, seq} of the message; "refused", with {change, refusal}.

import { targetsOf } from "./kinds.js";

export class Changes extends EventTarget {
  #store;
  #sent = new Map(); // by key
  #told = new Set(); // the orders of pending ones that the timeline shows already
  #last = 0; // the order of the one that was added last

  constructor(store) {
    super();
    this.#store = store;
  }

  edit(message, text, mentions = []) {
    this.#add(message, { event: "edit", text, mentions });
  }

  remove(message) {
    this.#add(message, { event: "delete" });
  }

  react(message, emoji, on) {
    this.#add(message, { event: "react", emoji, on });
  }

  // Returns the message as it is once all changes are made: the same object if there are none.
  made(message) {
    const changes = this.#of(message.room).filter(({ id, state }) => id === message.id && state !== "failed");
    return changes.length && message.text !== undefined ? changes.reduce(changed, message) : message;
  }

  // The edits that the server would not take.
  failed(room) {
    return this.#stored(room).filter(({ state }) => state === "failed");
  }

  // The edits of all rooms that the server did not take.
  get unsent() {
    return this.#stored().filter(({ event }) => event === "edit");
  }

  // The change to send next, or undefined.
  next(room) {
    return this.#stored(room).find((each) => each.state === "pending" && this.#isThere(each));
  }

  // The server acknowledged it.
  sent(change) {
    if (!this.#isThere(change)) return;
    this.#store.delete(keyOf(change));
    if (!this.#told.delete(change.order)) this.#sent.set(keyOf(change), { ...change, state: "sent" });
    this.#changed(change);
  }

  fail(change, refusal) {
    if (!this.#isThere(change)) return;
    if (change.event === "edit") this.#save({ ...change, state: "failed", refusal });
    else this.discard(change);
    this.dispatchEvent(new CustomEvent("refused", { detail: { change, refusal } }));
  }

  retry(change) {
    this.#save({ ...change, state: "pending" });
  }

  discard(change) {
    this.#store.delete(keyOf(change));
    this.#changed(change);
  }

  // The timeline shows these entries. `me` is the id of this person.
  shown(room, entries, me) {
    for (const change of this.#of(room)) {
      if (!entries.some((entry) => tells(entry, change, me))) continue;
      if (change.state === "pending") this.#told.add(change.order);
      else this.#sent.delete(keyOf(change));
    }
  }

  // The room has a new log, in which the old numbers mean nothing.
  startOver(room) {
    for (const [key, change] of this.#sent) if (change.room === room) this.#sent.delete(key);
  }

  // Nothing that was done in this room stays on the device.
  forget(room) {
    for (const change of this.#stored(room)) this.discard(change);
    this.startOver(room);
  }

  // Another tab changed what is stored under this key.
  refresh(key) {
    const [, room, seq] = key.split("/");
    this.#changed({ room, seq: Number(seq) });
  }

  #add({ room, seq, id }, what) {
    this.#last = Math.max(Date.now(), this.#last + 1);
    const change = { room, seq, id, ...what, order: this.#last, state: "pending" };
    this.#save(change);
  }

  #of(room) {
    return [...this.#sent.values(), ...this.#stored(room)].filter((each) => each.room === room).sort(byOrder);
  }

  #stored(room = "") {
    const keys = this.#store.keys(room ? `changes/${room}/` : "changes/");
    return keys.map((key) => this.#store.get(key)).filter((change) => change?.id).sort(byOrder);
  }

  // Another tab may have sent it, or a later one may have taken its place.
  #isThere(change) {
    this.#store.reload(keyOf(change));
    return this.#store.get(keyOf(change))?.order === change.order;
  }

  #save(change) {
    this.#store.set(keyOf(change), change);
    this.#changed(change);
  }

  #changed({ room, seq }) {
    this.dispatchEvent(new CustomEvent("change", { detail: { room, seq } }));
  }
}

function keyOf({ room, seq, emoji = "text" }) {
  return `changes/${room}/${seq}/${emoji}`;
}

function byOrder(one, other) {
  return one.order - other.order;
}

// Whether an entry of the log says that a change was made.
function tells(entry, { event, seq, emoji }, me) {
  if (!targetsOf(entry).includes(seq)) return false;
  if (entry.deletes) return true;
  return event === "react" ? entry.emoji === emoji && entry.author?.id === me : "edits" in entry;
}

function changed(message, { event, text, mentions, emoji, on }) {
  if (event === "edit") return { ...message, text, mentions, edited: message.edited ?? text !== message.text };
  if (event === "react") return { ...message, reactions: reacted(message.reactions ?? [], emoji, on) };
  const { room, seq, id, at, epoch, author } = message;
  return { room, seq, id, at, epoch, author: { id: author.id }, deleted: true };
}

function reacted(reactions, emoji, on) {
  const before = reactions.find((each) => each.emoji === emoji);
  if (Boolean(before?.mine) === on) return reactions;
  const { count = 0, since = Infinity } = before ?? {};
  const now = { emoji, count: count + (on ? 1 : -1), since, mine: on };
  if (!before) return [...reactions, now];
  return reactions.map((each) => (each === before ? now : each)).filter((each) => each.count > 0);
}
