// The drafts: text that is written in a room's field and not sent, and which message it answers. Each tab has its own drafts: when
// one tab sends its text, the text in another tab stays. A tab without a draft for a room starts with the one that any tab saved last.

export class Drafts {
  #tab;
  #last;

  // Two stores: of this tab, and of the browser.
  constructor(tab, last) {
    this.#tab = tab;
    this.#last = last;
  }

  of(room) {
    return this.#draft(room).text;
  }

  // Which message the draft answers, {seq, id}, or null.
  replyOf(room) {
    return this.#draft(room).reply;
  }

  // The drafts of all rooms, as this tab shows them: [{room, text}].
  get all() {
    const keys = new Set([this.#tab, this.#last].flatMap((store) => store.keys("draft/")));
    const rooms = [...keys].map((each) => each.slice("draft/".length));
    return rooms.map((room) => ({ room, text: this.of(room) })).filter(({ text }) => text.trim());
  }

  add(room, text) {
    this.save(room, [this.of(room), text].filter(Boolean).join("\n"));
  }

  // Nothing that was written for this room stays on the device.
  forget(room) {
    for (const store of [this.#tab, this.#last]) remove(store, room);
  }

  // The person signed out.
  clear() {
    this.#tab.clear();
  }

  save(room, text) {
    this.#save(room, { text, reply: this.replyOf(room) });
  }

  answer(room, reply) {
    this.#save(room, { text: this.of(room), reply });
  }

  #draft(room) {
    return read(this.#tab, room) ?? read(this.#last, room) ?? { text: "", reply: null };
  }

  #save(room, draft) {
    const before = this.#draft(room);
    if (isSame(draft, before)) return; // another tab's draft is copied only when this tab changes it
    write(this.#tab, room, draft);
    if (draft.text || draft.reply) write(this.#last, room, draft);
    else if (isSame(read(this.#last, room), before)) remove(this.#last, room);
  }
}

// Two keys, since loading.js and the pages of earlier releases know the text alone.
function keys(room) {
  return [`draft/${room}`, `reply/${room}`];
}

function read(store, room) {
  const [text, reply] = keys(room).map((key) => store.get(key));
  return text === null ? null : { text, reply };
}

function write(store, room, { text, reply }) {
  const [textKey, replyKey] = keys(room);
  store.set(textKey, text);
  if (reply) store.set(replyKey, reply);
  else store.delete(replyKey);
}

function remove(store, room) {
  for (const key of keys(room)) store.delete(key);
}

function isSame(one, other) {
  return one?.text === other.text && one.reply?.id === other.reply?.id;
}
