// The composition root: finds the elements, and ties what happens to what is seen.

import { io } from "/socket.io/socket.io.esm.min.js";
import { banner } from "./banner.js";
import { composer } from "./composer.js";
import { Connection } from "./connection.js";
import { Courier } from "./courier.js";
import { messageList } from "./messages.js";
import { keepForOffline } from "./offline.js";
import { Outbox } from "./outbox.js";
import { pendingList } from "./pending.js";
import { Room } from "./room.js";
import { statusOf } from "./status.js";
import { localStorageIfAllowed, Store } from "./store.js";
import { viewport } from "./viewport.js";
import { words } from "./words.js";

const element = (id) => document.getElementById(id);
const name = document.querySelector("[data-room]").dataset.room;
// Pages without TLS have no locks.
const locks = navigator.locks ?? { request: (_name, work) => work() };

const connection = new Connection(io({ path: "/sio/socket.io", autoConnect: false, reconnection: false }));
const room = new Room(name, connection);
const outbox = new Outbox(new Store(localStorageIfAllowed()));
const courier = new Courier(room, connection, outbox, locks);

const status = banner(element("status"), words);
const view = viewport(element("conversation"), () => room.wantOlder());
const messages = messageList(element("messages"), element("message-template"));
const pending = pendingList(element("pending"), element("pending-template"), words, {
  retry: (entry) => settle(() => outbox.retry(entry)),
  discard: (entry) => settle(() => outbox.discard(entry)),
  edit(entry) {
    outbox.discard(entry);
    writing.edit(entry.text);
  },
});
const writing = composer(element("form"), (text) => {
  outbox.add(name, text);
  view.follow();
});

// The button that was pressed is about to go: the focus must not go with it.
function settle(change) {
  change();
  writing.focus();
}

const { timeline } = room;
timeline.addEventListener("reset", ({ detail }) => {
  outbox.startOver(name);
  messages.restart(detail.messages, outbox.shown(name, detail.messages, timeline.high));
  element("nothing").hidden = timeline.epoch === null || detail.messages.length > 0;
  element("older").hidden = !timeline.hasOlder;
});
timeline.addEventListener("append", ({ detail }) => {
  messages.append(detail.messages, outbox.shown(name, detail.messages, timeline.high));
  element("nothing").hidden = true;
});
timeline.addEventListener("prepend", ({ detail }) => {
  view.hold(() => {
    messages.prepend(detail.messages, outbox.shown(name, detail.messages, timeline.high));
    element("older").hidden = !timeline.hasOlder;
  });
});

const showPending = () => pending.show(outbox.entries(name));
outbox.addEventListener("change", showPending);
window.addEventListener("storage", () => outbox.refresh());

let wasConnected = false;
function showStatus() {
  const { connected, refusal, nextTry } = connection;
  wasConnected ||= connected;
  const problem = room.problem ?? (["unavailable", "unanswered"].includes(courier.problem) ? courier.problem : null);
  const facts = { connected, wasConnected, online: navigator.onLine, refusal, live: room.live, problem };
  status.show(statusOf(facts), nextTry, refusal);
}
for (const source of [connection, room, courier]) source.addEventListener("change", showStatus);
for (const change of ["online", "offline"]) window.addEventListener(change, showStatus);
window.addEventListener("online", () => connection.open());

showPending();
connection.open();
window.addEventListener("load", () => keepForOffline().catch(() => {})); // it is for next time; a full disk is no harm now
