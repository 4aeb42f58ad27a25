// The tray above the field: the files that go with the message that is being written, in each room.

import { chips } from "./chips.js";
import { element } from "../actions/elements.js";

const MOST = 10; // files of a message, as the server takes them

export function tray(form, uploads, conversation, words, refusal) {
  const rooms = new Map(); // keys of files, by room
  const here = () => rooms.get(conversation.room.name) ?? [];
  const set = (room, keys) => rooms.set(room, keys);
  const { list, show: showChips } = chips(words, uploads, refusal, { retry: (key) => uploads.retry(key), remove });
  const status = element("p", { className: "unseen", ariaLive: "polite" });
  const why = element("p", { className: "why", role: "alert" });
  const box = element("div", { className: "tray", hidden: true }, why, list, status);
  form.querySelector(".field").before(box);
  const states = () => here().map((key) => uploads.of(key)?.upload.state);

  function add(files) {
    const { name } = conversation.room;
    const room = MOST - here().length;
    why.textContent = files.length > room ? words.tooMany(MOST) : "";
    set(name, [...here(), ...files.slice(0, room).map((file) => uploads.add(name, file))]);
    show();
    form.elements.message.focus();
  }

  function remove(key) {
    set(conversation.room.name, here().filter((each) => each !== key));
    why.textContent = "";
    show();
    uploads.remove(key);
  }

  // Returns what the entry of the outbox, which is made next, has of the files.
  function take() {
    const keys = here();
    set(conversation.room.name, []);
    why.textContent = "";
    queueMicrotask(show);
    return uploads.take(keys);
  }

  function giveBack(entry) {
    if (!entry.files) return;
    const there = uploads.giveBack(entry);
    set(entry.room, [...(rooms.get(entry.room) ?? []), ...there]);
    show();
  }

  function show() {
    const files = here().map((key) => ({ key, ...uploads.of(key) }));
    box.hidden = !files.length && !why.textContent;
    showChips(files);
    const ready = states().filter((state) => state === "done").length;
    const text = ready && ready === files.length ? words.ready(ready) : "";
    if (status.textContent !== text) status.textContent = text; // it is read aloud
  }

  return {
    add,
    take,
    giveBack,
    show,
    get waiting() {
      return here().length > 0;
    },
    get objection() {
      return states().includes("failed") ? words.unready : "";
    },
  };
}
