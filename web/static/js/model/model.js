// The model: everything the page knows, made for one person, with the parts tied together. Nothing here touches what the page shows.

import { CacheSaving } from "./cachesaving.js";
import { Changes } from "./changes.js";
import { ChangeSender } from "./changesender.js";
import { Connection } from "./connection.js";
import { Descriptions } from "./descriptions.js";
import { Drafts } from "./drafts.js";
import { isMessage } from "./kinds.js";
import { Levels } from "./levels.js";
import { locksIfAllowed } from "./locks.js";
import { MarkSender } from "./marksender.js";
import { Me } from "./me.js";
import { Outbox } from "./outbox.js";
import { Quotes } from "./quotes.js";
import { ReadMarks } from "./readmarks.js";
import { Replies } from "./replies.js";
import { RoomCache } from "./cache.js";
import { RoomMaker } from "./roommaker.js";
import { Rooms } from "./rooms.js";
import { roomTitle } from "../text/roomtitle.js";
import { isGuarded } from "../text/routes.js";
import { Sender } from "./sender.js";
import { storageIfAllowed, Store } from "./store.js";
import { channelIfAllowed, Tabs } from "./tabs.js";
import { Typing } from "./typing.js";
import { TypingNotifier } from "./typingnotifier.js";
import { UnreadCounts } from "./unreadcounts.js";

// `person` is {id, name}, `socket` as Connection takes it, `erased` as roomTitle takes it. The storages are null where the browser forbids them.
export function createModel(person, socket, erased) {
  const storage = storageIfAllowed("localStorage");
  const tabStorage = storageIfAllowed("sessionStorage");
  const me = new Me(person);
  const store = new Store(storage, me.id);
  const drafts = new Drafts(new Store(tabStorage, me.id), store);
  const connection = new Connection(socket);
  const outbox = new Outbox(store);
  const changes = new Changes(store);
  const replies = new Replies(drafts);
  const readMarks = new ReadMarks(store);
  const counts = new UnreadCounts(me, readMarks);
  const levels = new Levels(connection);
  const descriptions = new Descriptions(store);
  const rooms = new Rooms(connection, me, store, { readMarks, counts, levels, descriptions });
  const markSender = new MarkSender(connection, me, rooms, readMarks);
  document.addEventListener("visibilitychange", () => document.hidden && markSender.tellNow());
  window.addEventListener("pagehide", () => markSender.tellNow());
  const tabs = new Tabs(channelIfAllowed(`tertulia/${me.id}`), () => connection.polling);
  const cache = new RoomCache(store);
  const quotes = new Quotes(connection);
  const typing = new Typing();
  const typingNotifier = new TypingNotifier((room, typing) => connection.emitVolatile("typing", { room, typing }));
  const senders = new Map(); // by the room's name
  const roomMaker = new RoomMaker(connection, rooms);
  const titleOf = (room) => roomTitle(room, descriptions.of(room), erased);

  const locks = locksIfAllowed();
  const saving = new CacheSaving(cache);
  rooms.addEventListener("opened", ({ detail: room }) => {
    saveWhenChanged(room, saving);
    tellOutbox(room, outbox, me);
    tellChanges(room, changes, me);
    tellQuotes(room, quotes);
    const cached = cache.load(room.name);
    if (cached) room.timeline.start(cached);
    senders.set(room.name, new Sender(room, me, connection, outbox, locks));
    new ChangeSender(room, me, connection, changes, locks);
  });
  // Nothing of a room that the person may not see any more stays on the device.
  rooms.addEventListener("gone", ({ detail: { room } }) => {
    cache.forget(room);
    if (isGuarded(room)) for (const each of [drafts, outbox, changes, quotes, readMarks, counts, descriptions]) each.forget(room);
  });
  me.addEventListener("change", () => {
    if (me.confirmed && store.get("name") !== me.name) store.set("name", me.name);
  });
  connection.addEventListener("typing", ({ detail }) => typing.update(detail));
  connection.addEventListener("entry", ({ detail }) => {
    if (!isMessage(detail) || detail.deleted) return;
    const { room, epoch, seq, author } = detail;
    typing.update({ room, author, typing: false });
    // A person who writes in a room, on any device, has read it.
    if (author.id === me.id) readMarks.read(room, epoch, seq);
  });

  return {
    storage, tabStorage, me, store, drafts, replies, connection, outbox, changes, quotes, readMarks, counts, levels, descriptions, titleOf, rooms, roomMaker, tabs,
    typing, typingNotifier, senders, locks,
  };
}

function saveWhenChanged(room, saving) {
  for (const type of ["reset", "append", "change"]) room.timeline.addEventListener(type, () => saving.changed(room));
}

// What the timeline shows is no longer pending.
function tellOutbox({ name, timeline }, outbox, me) {
  timeline.addEventListener("reset", () => outbox.startOver(name));
  const shown = ({ detail }) => outbox.shown(name, detail.entries, timeline.high, me.id);
  for (const type of ["reset", "append", "prepend"]) timeline.addEventListener(type, shown);
}

// What the timeline shows is no longer on its way.
function tellChanges({ name, timeline }, changes, me) {
  timeline.addEventListener("reset", () => changes.startOver(name));
  timeline.addEventListener("change", ({ detail }) => changes.shown(name, detail.entries, me.id));
}

// What is quoted changes, too.
function tellQuotes({ name, timeline }, quotes) {
  timeline.addEventListener("reset", () => quotes.forget(name));
  timeline.addEventListener("change", ({ detail }) => quotes.apply(name, detail.entries));
}
