// The lists of rooms at the side, direct messages and archived rooms apart from the others: a link to each, with the number of unread messages, and a
// sign if one of them mentions the person.

import { pathOf } from "../text/routes.js";

// `lists`: {rooms, direct, archived}. `act` has open and leave; each is given the room's name.
export function roomList(lists, template, words, act) {
  const rows = new Map(); // by name, so that a row, and the focus in it, stays when another room changes
  let inView = null; // where the current room stood when it was brought into view

  // `rooms`: {name, title, kind, archived?, unread, mentioned, leavable}, in order.
  function show(rooms, current) {
    const names = new Set(rooms.map(({ name }) => name));
    for (const [name, row] of rows) if (!names.has(name)) row.remove(), rows.delete(name);
    const placeOf = ({ kind, archived }) => (kind === "direct" ? kind : archived ? "archived" : "rooms");
    for (const [place, list] of Object.entries(lists)) {
      const here = rooms.filter((room) => placeOf(room) === place);
      list.closest("section").hidden = here.length === 0;
      fillList(list, here, current);
    }
    const place = `${current} ${rooms.findIndex(({ name }) => name === current)}`;
    if (place !== inView) rows.get(current)?.scrollIntoView({ block: "nearest" });
    inView = place;
  }

  function fillList(list, rooms, current) {
    rooms.forEach((room, index) => {
      if (!rows.has(room.name)) rows.set(room.name, newRow(template, room.name, act));
      const row = rows.get(room.name);
      fill(row, room, room.name === current, words);
      if (list.children[index] !== row) list.insertBefore(row, list.children[index] ?? null);
    });
  }

  return { show, focus: (name) => rows.get(name)?.querySelector("a").focus() };
}

function newRow(template, name, act) {
  const row = template.content.firstElementChild.cloneNode(true);
  const link = row.querySelector("a");
  link.href = pathOf(name);
  link.addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return; // a tab of its own
    event.preventDefault();
    act.open(name);
  });
  row.querySelector("button").addEventListener("click", () => act.leave(name));
  return row;
}

function fill(row, { title, kind, unread, mentioned, leavable }, current, words) {
  row.querySelector(".name").textContent = title;
  row.querySelector(".lock").hidden = kind !== "private";
  const link = row.querySelector("a");
  if (current) link.setAttribute("aria-current", "page");
  else link.removeAttribute("aria-current");
  row.classList.toggle("unread", unread > 0);
  row.querySelector(".count").textContent = unread > 99 ? "99+" : unread || "";
  row.querySelector(".mentioned").hidden = !mentioned;
  row.querySelector(".counted").textContent = unread ? (mentioned ? words.mentioned : words.unread)(unread) : "";
  const leave = row.querySelector("button");
  leave.hidden = !leavable;
  leave.setAttribute("aria-label", words.leave(title));
}
