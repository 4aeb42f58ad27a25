// The people in the room: a list at the side, and a line with the first of them under the room's name.

import { inert } from "./name.js";
import { paint } from "./avatar.js";
import { locale } from "../text/locale.js";
import { isolated } from "../text/words.js";

const FIRST = 3; // names in the line

export function peopleList({ list, count, more, line }, template, words, me) {
  function show(people) {
    count.textContent = people.count || "";
    const focused = list.contains(document.activeElement) ? document.activeElement : null;
    const { id } = focused?.closest("li").dataset ?? {};
    list.replaceChildren(...people.list.map((person) => row(template, person, person.id === me.id, words)));
    if (focused) [...list.children].find((row) => row.dataset.id === id)?.querySelector(focused.matches(".act") ? ".act" : ".name").focus();
    const unnamed = people.count - people.list.length;
    more.textContent = unnamed > 0 ? words.more(unnamed) : "";
    line.textContent = people.count ? lineOf(people, words, me) : "";
  }

  return { show };
}

// "Ana, Ben and 3 others", without this person.
function lineOf({ count, list }, words, me) {
  const others = list.filter(({ id }) => id !== me.id).map(({ name }) => name);
  if (count <= 1) return words.alone;
  const named = others.length === FIRST + 1 && count === others.length + 1 ? others : others.slice(0, FIRST);
  const rest = count - 1 - named.length;
  const names = named.map(isolated);
  return words.here(new Intl.ListFormat(locale).format(rest > 0 ? [...names, words.others(rest)] : names));
}

function row(template, person, isMe, words) {
  const made = template.content.firstElementChild.cloneNode(true);
  Object.assign(made.dataset, person);
  paint(made.querySelector(".avatar"), person);
  made.querySelector(".act").hidden = isMe;
  if (isMe) inert(made.querySelector(".name"));
  made.querySelector(".name").textContent = person.name;
  made.querySelector(".shield").hidden = !person.moderator;
  made.querySelector(".self").textContent = isMe ? words.self : "";
  return made;
}
