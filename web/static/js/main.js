// The composition root: makes the model and the parts of the page, and connects them.

import { io } from "/socket.io/socket.io.esm.min.js";
import { banner } from "./view/banner.js";
import { acting } from "./view/room/acting.js";
import { composer } from "./view/room/composer.js";
import { Conversation } from "./view/room/conversation.js";
import { copying } from "./view/room/copying.js";
import { drawer } from "./view/drawer.js";
import { catchUp } from "./view/early.js";
import { ending } from "./view/ending.js";
import { takenAlong } from "./view/farewell.js";
import { files } from "./view/room/files.js";
import { finder } from "./view/room/finder.js";
import { gistOf } from "./text/gist.js";
import { growing } from "./view/room/growing.js";
import { createModel } from "./model/model.js";
import { isolated, wordsOf } from "./text/words.js";
import { membership } from "./membership/membership.js";
import { isCounted, isMessage } from "./model/kinds.js";
import { HERE, mentionsIn, namesHere } from "./text/mentions.js";
import { messageList } from "./view/room/messages.js";
import { missingRoom } from "./view/room/missing.js";
import { newestButton } from "./view/room/newest.js";
import { nameable } from "./model/nameable.js";
import { notices } from "./view/notices.js";
import { objections } from "./text/objections.js";
import { keepForOffline } from "./model/offline.js";
import { pendingList } from "./view/room/pending.js";
import { peopleList } from "./view/peoplelist.js";
import { preview } from "./view/room/preview.js";
import { question } from "./membership/question.js";
import { reacting } from "./view/room/reactions.js";
import { roomForm } from "./view/roomform.js";
import { roomList } from "./view/roomlist.js";
import { roomTitle } from "./text/roomtitle.js";
import { LOBBY, pathOf } from "./text/routes.js";
import { levelDialog } from "./view/leveldialog.js";
import { rowKeys } from "./view/room/rowkeys.js";
import { ruleLine } from "./view/room/ruleline.js";
import { showing } from "./view/showing.js";
import { statusLine } from "./view/statusline.js";
import { typingLine } from "./view/room/typingline.js";
import { fillAnswered, wanting } from "./view/room/quote.js";
import { navigation } from "./view/navigation.js";

// /static/<version>/. Only here: in nginx' image nearly all modules are one file, which has this module's address.
const FILES = new URL("..", import.meta.url).pathname;

const element = (id) => document.getElementById(id);
const words = wordsOf(document);
const { id, name, most, editMinutes } = element("app").dataset;
const model = createModel({ id, name }, io({ path: "/sio/socket.io", autoConnect: false, reconnection: false }), words.erased);
const { storage, tabStorage, me, store, drafts, replies, connection, outbox, changes, quotes, readMarks, levels, descriptions, titleOf, rooms } = model;
const { typingNotifier, senders } = model;

// The parts of the page

const log = element("messages");
const gist = (message) => gistOf(message, words);
const sharing = files(
  { button: element("attach"), area: element("room"), form: element("form") },
  {
    load: loadFiles,
    may: () => element("attach") && !element("attach").disabled && !element("form").classList.contains("archived"),
    hold: (change) => conversation.hold(change),
  },
);
const keys = rowKeys(log);
const look = {
  words,
  me,
  nameOf,
  made: (message) => changes.made(message),
  fillFiles: sharing.fill,
  quoted(reply) {
    const shown = conversation.timeline.at(reply.seq);
    const answered = shown?.id === reply.id ? shown : quotes.of(conversation.room, reply);
    return answered && changes.made(answered);
  },
  wantQuote: wanting((reply) => quotes.fetch(conversation.room, reply)),
};
const messages = messageList(log, element("message-template"), look);
const conversation = new Conversation({
  connection,
  readMarks,
  me,
  messages,
  elements: { scroller: element("conversation"), older: element("older"), nothing: element("nothing") },
});
const newest = newestButton(element("newest"), words, () => {
  conversation.toNewest();
  focusWriting();
});
const objection = objections(Number(most), words);
const writing = composer(element("form"), element("why"), drafts, {
  send(text) {
    const { name } = conversation.room;
    const reply = replies.of(name);
    const mentions = mentionsIn(text, nameable(conversation.room, me));
    outbox.add(name, text, { mentions, reply, here: namesHere(text), files: sharing.tray?.take() });
    replies.forget(name);
    typingNotifier.sent();
    conversation.toNewest();
  },
  typed: (text) => typingNotifier.typed(conversation.room.name, text),
  objection: (text) => objection(text) || sharing.tray?.objection,
  hasMore: () => sharing.tray?.waiting,
});
growing(element("message"));
preview(element("message"), element("preview"), mentionsOf);
element("message").addEventListener("input", completeNames);
const acts = {
  retry: (entry) => settle(() => keeperOf(entry).retry(entry)),
  discard: (entry) => settle(() => keeperOf(entry).discard(entry)),
  edit(entry) {
    sharing.tray?.giveBack(entry);
    keeperOf(entry).discard(entry);
    if (entry.reply) replies.begin({ room: entry.room, ...entry.reply });
    writing.edit(entry.text);
  },
};
const pending = pendingList(element("pending"), element("pending-template"), acts, look);
const people = peopleList(
  { list: element("people"), count: element("people-count"), more: element("people-more"), line: element("here") },
  element("person-template"),
  words.people,
  me,
);
const typers = typingLine(element("typing"), words.typing);
const side = drawer({
  side: element("side"),
  room: element("room"),
  open: element("open-side"),
  close: element("close-side"),
});
const say = (text) => (element("why").textContent = text);
const { visit, arrive } = navigation({ conversation, side, turnTo, focus: focusWriting, say, words });
const list = roomList({ rooms: element("rooms"), direct: element("direct"), archived: element("archived") }, element("room-template"), words.rooms, { open: visit, leave });
const ask = question(element("question"));
const members = membership({
  element,
  model,
  conversation,
  ask,
  words,
  visit,
  leave,
});
roomForm(element("go"), words, { visit, make: (about) => model.roomMaker.make(about) });
const missing = missingRoom({ room: element("room"), note: element("missing") }, words, () => visit(LOBBY));
const search = finder({
  form: element("find"),
  toggle: element("open-find"),
  source: () => conversation.timeline.entries.filter(isMessage),
  rowOf: messages.row,
  goTo: (row) => conversation.point(row),
  words: words.find,
});
copying(log, (seq) => {
  const message = changes.made(conversation.timeline.at(seq));
  return message.text || gist(message);
});
reacting(log, messages.messageOf, (message, emoji, on) => changes.react(message, emoji, on));
const useActions = acting(log, element("message"), loadActions);
// They show what is answered.
for (const source of [replies, conversation]) source.addEventListener("change", () => replies.of(conversation.room.name) && useActions());
const ruling = ruleLine(element("rule"), element("form"), words.rules);
const notes = notices({
  box: element("notices"),
  why: element("notices-why"),
  store,
  readMarks,
  levels,
  me,
  words: words.notices,
  follow: visit,
  titleOf,
  gist,
});
const level = levelDialog({
  dialog: element("levels"),
  open: element("open-levels"),
  room: () => conversation.room.name,
  levels,
  words: words.levels,
  refusal: words.refusal,
});
const status = statusLine({
  connection,
  tabs: model.tabs,
  room: () => conversation.room,
  senderOf: (name) => senders.get(name),
  banner: banner(element("status"), words),
});
ending({
  elements: { signOut: element("sign-out"), dialog: element("farewell") },
  me,
  connection,
  rooms,
  outbox,
  changes,
  drafts,
  store,
  storage: tabStorage,
  signIn: () => element("rename").href,
  words,
});

// What has the entries of the list of pending messages: messages, and edits that were not taken.
function keeperOf(entry) {
  return entry.event ? changes : outbox;
}

// Whom a text names that is written here, as a message has them on the page.
function mentionsOf(text) {
  const people = mentionsIn(text, nameable(conversation.room, me));
  return namesHere(text) ? [...people, { id: HERE, name: HERE }] : people;
}

function nameOf(id) {
  return id === me.id ? me.name : conversation.room.people.list.find((person) => person.id === id)?.name;
}

// Loaded once the person is a moderator. If that fails it is tried again when they connect.
let moderating = null;
async function showModeration() {
  if (me.moderator && !moderating) {
    const loaded = await import(`${FILES}js/moderation/moderation.js`).catch(() => null);
    if (!loaded) return;
    const [people, sanctioning, oversight, open] = ["people", "sanctioning", "oversight", "open-oversight"].map(element);
    moderating ??= loaded.moderation({ elements: { people, sanctioning, oversight, open }, connection, conversation, me, descriptions, titleOf, words });
  }
  element("app").classList.toggle("moderating", me.moderator);
}

// Loaded once somebody is about to do something with a message.
async function loadActions() {
  const loaded = await import(`${FILES}js/actions/actions.js`);
  return loaded.actions({
    elements: { log, form: element("form") },
    conversation,
    messages,
    model,
    ask,
    objection,
    complete,
    editFor: Number(editMinutes) * 60_000,
    moderate: () => me.moderator && moderating,
    showAnswered: (line, reply) => fillAnswered(line, reply, look),
    files: FILES,
    words,
  });
}

// Loaded once there is a file.
async function loadFiles() {
  const loaded = await import(`${FILES}js/files/files.js`);
  return loaded.files({ elements: { log, form: element("form"), area: element("room") }, conversation, model, path: FILES, words });
}

// Loaded once somebody writes an @.
async function completeNames({ target }) {
  if (!target.value.includes("@")) return;
  target.removeEventListener("input", completeNames);
  if (!(await complete(target.form))) target.addEventListener("input", completeNames); // there is no network now
}

async function complete(form) {
  const loaded = await import(`${FILES}js/view/room/completion.js`).catch(() => null);
  const everybody = { id: HERE, name: HERE, means: words.hereMeans };
  loaded?.completion(form, () => [...nameable(conversation.room, me), everybody], words.mention);
  return loaded !== null;
}

// On a touch screen, focusing the field would open the keyboard.
function focusWriting() {
  if (matchMedia("(hover: none)").matches) element("conversation").focus({ preventScroll: true });
  else writing.focus();
}

// The button that was pressed is removed, so the focus goes to the message field.
function settle(change) {
  change();
  writing.focus();
}

// Going from room to room

function turnTo(name) {
  search.end();
  typingNotifier.stop();
  const room = rooms.open(name);
  conversation.open(room);
  writing.turnTo(name);
  members.heading.end();
  missing.end();
  element("rename").href = `/sign-in?next=${encodeURIComponent(pathOf(name))}`;
  if (element("invitations")) element("invitations").href = `/invitations?room=${name}`;
  if (element("moderate")) element("moderate").href = `/moderate?next=${encodeURIComponent(pathOf(name))}`;
  show.all();
}

async function leave(name) {
  const isPrivate = descriptions.of(name).kind === "private";
  if (isPrivate && !(await ask(words.rooms.leaveAsks(isolated(titleOf(name))), words.rooms.leaves))) return;
  if (!(await rooms.leave(name))) return;
  if (conversation.room.name === name) visit(LOBBY);
  list.focus(conversation.room.name);
}

// What changes on the page

const parts = { pending, people, messages, rooms: list, heading: members.heading, missing, typing: typers, rules: ruling, newest, status, level };
const show = showing(model, conversation, parts, words.rooms);
rooms.addEventListener("gone", ({ detail: { room, lost, about } }) => {
  if (!lost || room !== conversation.room.name) return;
  members.close();
  turnTo(room); // its draft is gone
  missing.show(null, roomTitle(room, about, words.erased));
});
conversation.addEventListener("change", () => keys.update());
for (const source of [changes, quotes]) {
  source.addEventListener("change", ({ detail: { room, seq } }) => room === conversation.room.name && messages.update([seq]));
}
changes.addEventListener("refused", ({ detail: { change, refusal } }) => {
  const { event, emoji } = change;
  if (event !== "edit") say(words.untaken[event](words.refusal(refusal), emoji));
});
me.addEventListener("change", () => {
  element("name").textContent = me.name;
  showModeration();
});
connection.addEventListener("entry", ({ detail }) => isCounted(detail) && notes.receive(detail));
window.addEventListener("online", () => connection.open());
window.addEventListener("storage", (event) => {
  const keys = store.reloadChanged(event);
  if (keys.some((key) => key.startsWith("outbox/"))) outbox.refresh();
  for (const key of keys) if (key.startsWith("changes/")) changes.refresh(key);
  if (keys.length) show.rooms();
  // The person changed the name in another tab: connect again, under the new name.
  if (keys.includes("name") && me.confirmed && store.get("name") !== me.name) connection.renew();
});
element("stuck").remove();
element("unkept").hidden = storage !== null;
for (const { room, text } of takenAlong(tabStorage)) drafts.add(room, text);
arrive();
catchUp(writing, element("go"));
if (outbox.unsent.some(({ files }) => files)) sharing.begin();
connection.open();
// For opening without a network. Errors are ignored: the disk may be full. Without storage, Firefox makes the attempt an error.
if (storage) window.addEventListener("load", () => keepForOffline(FILES).catch(() => {}));
