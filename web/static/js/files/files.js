// Files: brings those that people attach, and shows those of messages. Loaded when a page needs it (view/room/files.js), with a sheet
// and words of its own.

import { Blobs } from "./blobs.js";
import { chips } from "./chips.js";
import { choosing } from "./choosing.js";
import { dropping } from "./dropping.js";
import { fillFiles } from "./shown.js";
import { oncePerFrame } from "../view/frame.js";
import { Protocol } from "./protocol.js";
import { request } from "./request.js";
import { sheet } from "../actions/sheet.js";
import { tray } from "./tray.js";
import { Uploads } from "./uploads.js";
import { viewer } from "./viewer.js";
import { wordsOfFiles } from "./words.js";

// `elements`: the list of messages, the composer's form, and the room. `path` is that of this release's files.
export async function files({ elements: { log, form, area }, conversation, model, path, words }) {
  const { outbox, changes, connection, locks, me } = model;
  const [said] = await Promise.all([wordsOfFiles(words, path), sheet(`${path}css/files.css`)]);
  const uploads = new Uploads({ outbox, protocol: new Protocol(request), blobs: new Blobs(me.id), locks, me });
  const refusal = (refused) => words.refusal(refused);
  const waiting = tray(form, uploads, conversation, said, refusal);
  const large = viewer(log, () => conversation.timeline.entries.map((entry) => changes.made(entry)), said);
  const pending = new Map(); // lists of chips, by row

  // A row of the list of messages, or one of those below them that are not sent yet.
  function fill(row, message) {
    if (message.state) return fillPending(row, message);
    fillFiles(row, message, said, large.show);
    if (!message.files) large.check();
  }

  function fillPending(row, entry) {
    if (!entry.files) return;
    if (!pending.has(row)) {
      const act = { retry: (key) => uploads.retry(key), remove: (key) => remove(row, key) };
      pending.set(row, Object.assign(chips(said, uploads, refusal, act), { entry }));
      row.querySelector(".text").after(pending.get(row).list);
    }
    Object.assign(pending.get(row), { entry }).show(entry.files);
  }

  // Of a message that has nothing else, nothing is left.
  function remove(row, key) {
    const entry = outbox.reloaded(pending.get(row).entry);
    if (!entry) return; // it was sent
    const files = entry.files.filter((file) => file.key !== key);
    if (!files.length && !entry.text) return outbox.discard(entry);
    outbox.change(entry, { files, state: "pending" });
  }

  const show = oncePerFrame(() => {
    waiting.show();
    for (const [row, { entry, show }] of pending) {
      if (row.isConnected) show(entry.files);
      else pending.delete(row);
    }
  });
  uploads.addEventListener("change", show);
  let room = conversation.room;
  conversation.addEventListener("change", () => {
    if (room !== conversation.room) show();
    ({ room } = conversation);
  });
  connection.addEventListener("up", () => uploads.hurry());

  outbox.refresh(); // what refusals of files say is known by now

  return { fill, tray: waiting, choose: choosing(said, waiting.add), dropping: dropping(area, said) };
}
