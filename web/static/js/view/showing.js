// Showing: when a part of the model changes, the part of the page that shows it is shown again.

import { oncePerFrame } from "./frame.js";
import { locale } from "../text/locale.js";
import { LOBBY } from "../text/routes.js";
import { titleOf as pageTitle } from "../text/title.js";

const { compare } = new Intl.Collator(locale, { numeric: true });

// `model` as createModel returns it. `parts`: those of the page, each with a method `show`. `words`: those about rooms. Returns {all, rooms}: functions that
// show everything, or the list of rooms.
export function showing(model, conversation, parts, words) {
  const { rooms, readMarks, counts, levels, descriptions, titleOf, outbox, senders, changes, quotes, typing, me } = model;
  const here = () => conversation.room;

  const showPending = oncePerFrame(() => {
    const { name } = here();
    const limited = senders.get(name)?.problem === "rate_limited" ? outbox.next(name) : null;
    parts.pending.show([...outbox.entries(name), ...changes.failed(name)], limited);
  });
  const showTyping = () => parts.typing.show(typing.in(here().name).filter((author) => author.id !== me.id));
  const showPeople = () => {
    parts.people.show(here().people);
    parts.messages.showNames();
  };
  const showRules = () => parts.rules.show(here().rules, me.moderator, descriptions.of(here().name).archived);
  const showStatus = parts.status.show;
  const showRooms = oncePerFrame(() => {
    const told = ({ name, epoch, head }) => levels.told(name, counts.of(name, epoch, head));
    const named = ({ name }) => ({ ...descriptions.of(name), title: titleOf(name) });
    const all = rooms.list.map((room) => ({ ...room, ...named(room), ...told(room), leavable: room.name !== LOBBY })).sort(byTitle);
    const { name } = here();
    const title = parts.missing.shown ? words.missing : titleOf(name);
    parts.rooms.show(all, name);
    parts.heading.show(descriptions.of(name), title, me.moderator);
    const unread = all.reduce((sum, each) => sum + each.unread, 0);
    document.title = pageTitle(title, unread, all.some((each) => each.mentioned));
  });
  const showMissing = () => {
    if (here().missing) parts.missing.show(here().problem);
    else if (here().live) parts.missing.end();
    showRooms();
  };

  on(rooms, "opened", ({ detail: room }) => {
    const sender = senders.get(room.name);
    on(sender, "change", showPending);
    for (const source of [room, sender]) on(source, "change", showStatus);
    on(room, "change", showMissing);
    for (const source of [room, room.timeline]) on(source, "change", showPending); // what is answered may be known now, or changed
    on(room.people, "change", showPeople);
    on(room.rules, "change", showRules);
  });
  for (const source of [outbox, changes, quotes]) on(source, "change", showPending);
  on(rooms, "change", showRooms);
  on(typing, "change", showTyping);
  for (const source of [me, descriptions]) on(source, "change", showRules);
  for (const source of [descriptions, readMarks, levels]) on(source, "change", showRooms);
  on(conversation, "change", () => parts.newest.show(conversation.atNewest, conversation.unseen));

  function all() {
    for (const show of [showMissing, showPending, showPeople, showTyping, showRules, showStatus, parts.level.show]) show();
  }

  return { all, rooms: showRooms };
}

// The lobby first.
function byTitle(one, other) {
  return (other.name === LOBBY) - (one.name === LOBBY) || compare(one.title, other.title);
}

function on(source, type, act) {
  source.addEventListener(type, act);
}
