// Membership: who is in rooms that not everybody may see. Makes the dialogs about members and people, and the note of an invitation.

import { heading } from "./heading.js";
import { invitations } from "./invitations.js";
import { membersDialog } from "./membersdialog.js";
import { personDialog } from "./persondialog.js";
import { LOBBY } from "../text/routes.js";

// `element(id)` returns an element of the page. `model` as createModel returns it, `ask` as question.js makes it. `visit(room)` and
// `leave(room)` do what they say.
export function membership({ element, model, conversation, ask, words, visit, leave }) {
  const { connection, descriptions, me, rooms } = model;
  const here = () => conversation.room.name;

  const person = personDialog({ log: element("messages"), people: element("people"), dialog: element("about-person") }, words, {
    authorOf: (seq) => conversation.timeline.entries.find((each) => each.seq === seq)?.author,
    async talk({ id }) {
      const answer = await model.roomMaker.make({ kind: "direct", people: [id] });
      if (!answer.ok) return answer;
      person.close();
      visit(answer.room);
      return answer;
    },
  });

  const open = element("open-members");
  const members = membersDialog({ dialog: element("members"), open, template: element("member-template") }, words, me, {
    title: () => model.titleOf(here()),
    topic: () => descriptions.of(here()).topic,
    isMine: () => Boolean(descriptions.of(here()).maker),
    isArchived: () => Boolean(descriptions.of(here()).archived),
    around: () => rooms.around,
    known: () => rooms.known,
    invitations: () => `/invitations?room=${here()}`,
    ask: (event, details) => connection.ask(event, { room: here(), ...details }),
    leave: () => leave(here()),
    question: ask,
  });

  // Whoever is in the lobby may be let in.
  open.addEventListener("click", () => rooms.open(LOBBY).people.addEventListener("change", members.update));

  const note = invitations({ said: element("invitation"), close: element("close-invitation") }, words.invitations, visit);
  connection.addEventListener("invited", ({ detail }) => note.show(detail));
  conversation.addEventListener("change", () => note.over(here()));
  rooms.addEventListener("gone", ({ detail }) => note.over(detail.room));

  const place = {
    where: element("where"),
    title: element("place"),
    topic: element("topic"),
    lock: element("lock"),
    form: element("describe"),
    change: element("change"),
    members: open,
  };
  const head = heading(place, words, (about) => connection.ask("describe", { room: here(), ...about }));

  return { heading: head, close: members.close };
}
