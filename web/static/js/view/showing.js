// Showing: when a part of the model changes, the part of the page that shows it is shown again.

import { oncePerFrame } from "./frame.js";
import { LOBBY } from "../text/routes.js";
import { titleOf } from "../text/title.js";

// `model` as createModel returns it. `parts`: those of the page, each with a method `show`. Returns {all, rooms}: functions that
// show everything, or the list of rooms.
export function showing({ rooms, readMarks, outbox, senders, typing, me }, conversation, parts) {
  const here = () => conversation.room;

  const showPending = oncePerFrame(() => {
    const { name } = here();
    const limited = senders.get(name)?.problem === "rate_limited" ? outbox.next(name) : null;
    parts.pending.show(outbox.entries(name), limited);
  });
  const showTyping = () => parts.typing.show(typing.in(here().name).filter((author) => author.id !== me.id));
  const showPeople = () => parts.people.show(here().people);
  const showRules = () => parts.rules.show(here().rules, me.moderator);
  const showStatus = parts.status.show;
  const showRooms = oncePerFrame(() => {
    if (me.confirmed) for (const { name, epoch, head } of rooms.list) if (epoch !== null) readMarks.begin(name, epoch, head);
    const unread = ({ name, epoch, head }) => readMarks.unread(name, epoch, head);
    const all = rooms.list.map((room) => ({ ...room, unread: unread(room), leavable: room.name !== LOBBY }));
    parts.rooms.show(all, here()?.name);
    document.title = titleOf(here()?.name, all.reduce((sum, each) => sum + each.unread, 0));
  });

  on(rooms, "opened", ({ detail: room }) => {
    const sender = senders.get(room.name);
    on(sender, "change", showPending);
    for (const source of [room, sender]) on(source, "change", showStatus);
    on(room.people, "change", showPeople);
    on(room.rules, "change", showRules);
  });
  on(outbox, "change", showPending);
  on(rooms, "change", showRooms);
  on(typing, "change", showTyping);
  on(me, "change", showRules);
  on(conversation, "read", showRooms);
  on(conversation, "change", () => parts.newest.show(conversation.atNewest, conversation.unseen));

  function all() {
    for (const show of [showRooms, showPending, showPeople, showTyping, showRules, showStatus]) show();
  }

  return { all, rooms: showRooms };
}

function on(source, type, act) {
  source.addEventListener(type, act);
}
