// The dialog about a person, at whose name somebody pressed: begins a conversation with them.

import { paint } from "../view/avatar.js";

// `elements`: the messages' and the people's, and the dialog. `authorOf(seq)` returns a message's author. `talk(person)` begins the
// conversation, and resolves to the server's answer.
export function personDialog({ log, people, dialog }, words, { authorOf, talk }) {
  const form = dialog.querySelector("form");
  const [avatar, name, id, result] = [".avatar", "bdi", ".id", ".result"].map((each) => dialog.querySelector(each));
  let person = null;

  log.addEventListener("click", ({ target }) => {
    if (target.closest("button.author")) open(authorOf(Number(target.closest("li").dataset.seq)));
  });
  people.addEventListener("click", ({ target }) => {
    if (target.closest("button.name")) open({ ...target.closest("li").dataset });
  });
  form.elements.talk.addEventListener("click", async () => {
    const answer = await talk(person);
    if (!answer.ok) result.textContent = words.refusal(answer);
  });

  function open(about) {
    if (!about?.name) return;
    person = about;
    paint(avatar, person);
    name.textContent = person.name;
    id.textContent = words.people.id(person.id.slice(0, 6));
    form.elements.talk.textContent = words.people.talk(person.name);
    result.textContent = "";
    dialog.showModal();
  }

  return { close: () => dialog.close() };
}
