// The dialog about the members of a private room: who they are, who else may be let in, and who goes.

import { paint } from "../view/avatar.js";
import { plain } from "../text/plain.js";
import { isolated } from "../text/words.js";

const MOST = 50; // people who are shown at once; typing finds the others

// `open` is the button that opens the dialog. `act` has functions about the room that is shown: title(), topic(), isMine(), isArchived(), around() (the
// people who are in reach), known() (whoever the page knows besides), invitations() (the address of the room's page of them), ask(event, details) (resolves to the server's answer), leave() and question(sentence, yes).
export function membersDialog({ dialog, open, template }, words, me, act) {
  const form = dialog.querySelector("form");
  const { name, archived, leave } = form.elements;
  const [heading, topic, list, candidates, none, result] = ["h2", ".quote", ".members", ".candidates", ".none", ".result"].map((each) =>
    dialog.querySelector(each),
  );
  let members = [];

  open.addEventListener("click", () => {
    heading.textContent = words.members.of(isolated(act.title()));
    topic.textContent = act.topic(); // whole: the bar may have no place for it
    for (const each of [list, candidates]) each.replaceChildren();
    name.value = result.textContent = "";
    dialog.querySelector("a").href = act.invitations();
    archived.checked = act.isArchived();
    archived.closest("p").hidden = !act.isMine();
    dialog.showModal();
    refresh();
  });
  name.addEventListener("input", showCandidates);
  name.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault(); // it would close the dialog
  });
  archived.addEventListener("change", async () => {
    const answer = await ask("archive", { archived: archived.checked });
    if (!answer.ok) archived.checked = !archived.checked;
  });
  leave.addEventListener("click", async () => {
    dialog.close();
    await act.leave();
  });

  async function refresh() {
    const answer = await ask("members");
    if (!answer.ok) return;
    members = answer.members;
    list.replaceChildren(...members.map(memberRow));
    showCandidates();
  }

  function showCandidates() {
    const wanted = plain(name.value.trim());
    const others = (wanted ? act.known() : act.around()).filter(({ id }) => !members.some((member) => member.id === id));
    const found = others.filter((each) => plain(each.name).includes(wanted)).slice(0, MOST);
    const { id } = document.activeElement.closest(".candidates li")?.dataset ?? {};
    candidates.replaceChildren(...found.map(candidateRow));
    if (id) [...candidates.children].find((row) => row.dataset.id === id)?.querySelector("button").focus();
    none.hidden = found.length > 0;
  }

  function memberRow(person) {
    const tags = [person.id === me.id && words.people.self, person.maker && words.members.maker, person.moderator && words.members.moderator];
    const mayGo = act.isMine() && person.id !== me.id;
    return rowOf(person, tags, mayGo && { text: words.members.remove, label: words.members.removeOf(person.name), act: remove });
  }

  function candidateRow(person) {
    return rowOf(person, [], { text: words.members.add, label: words.members.addOf(person.name), act: add });
  }

  // Two people of one name differ by their ids.
  function rowOf(person, tags, doing) {
    const row = template.content.firstElementChild.cloneNode(true);
    const button = row.querySelector("button");
    row.dataset.id = person.id;
    paint(row.querySelector(".avatar"), person);
    row.querySelector(".name").textContent = person.name;
    row.querySelector(".tag").textContent = [person.id.slice(0, 6), ...tags.filter(Boolean)].join(" · ");
    button.hidden = !doing;
    if (!doing) return row;
    button.textContent = doing.text;
    button.setAttribute("aria-label", doing.label);
    button.addEventListener("click", () => doing.act(person));
    return row;
  }

  async function add(person) {
    const answer = await ask("invite", { person: person.id });
    if (!answer.ok) return;
    name.value = "";
    await refresh();
    name.focus(); // the button is gone
  }

  async function remove(person) {
    if (!(await act.question(words.members.removeAsks(isolated(person.name)), words.members.remove))) return;
    const answer = await ask("remove", { person: person.id });
    if (!answer.ok) return;
    await refresh();
    form.elements.close.focus(); // the button is gone
  }

  async function ask(event, details = {}) {
    const answer = await act.ask(event, details);
    result.textContent = answer.ok ? "" : words.refusal(answer);
    return answer;
  }

  // Others are around now.
  return { update: () => dialog.open && showCandidates(), close: () => dialog.close() };
}
