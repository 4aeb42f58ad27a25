// A row: one message on the page.

import { paint } from "../avatar.js";
import { mentions } from "../../text/mentions.js";
import { prose } from "./prose.js";
import { pathOf } from "../../text/routes.js";
import { clockOf, dayOf, exactOf } from "../../text/times.js";

export function rowOf(template, message, me, words) {
  const { seq, room, text, at, author, deleted = false } = message;
  const row = template.content.firstElementChild.cloneNode(true);
  const find = (name) => row.querySelector(`.${name}`);
  row.dataset.seq = seq;
  const mine = author.id === me.id;
  row.classList.toggle("mine", mine);
  row.classList.toggle("mentions", !mine && !deleted && mentions(text, me.name));
  if (deleted) {
    erase(row, words);
  } else {
    paint(find("avatar"), author);
    find("author").textContent = author.name;
    find("shield").hidden = !author.moderator;
    find("text").append(prose(text));
  }
  const link = find("at");
  link.href = pathOf(room, seq);
  link.title = exactOf(at);
  link.firstElementChild.dateTime = new Date(at).toISOString();
  link.firstElementChild.textContent = clockOf(at);
  return row;
}

// Removes the text and the author's name.
export function erase(row, words) {
  row.classList.add("deleted");
  row.classList.remove("mentions");
  row.querySelector(".shield").hidden = true;
  for (const part of ["avatar", "author"]) row.querySelector(`.${part}`).textContent = "";
  row.querySelector(".text").textContent = words.deleted;
}

// An entry of the log that is nothing to see keeps its place.
export function unseenRow() {
  return Object.assign(document.createElement("li"), { hidden: true });
}

// Shows the day, or hides the author, depending on the message before. That one may change when older messages are loaded.
export function place(row, { newDay, continued }, at) {
  row.classList.toggle("continued", continued);
  row.querySelector(".day")?.remove();
  if (newDay) row.prepend(line("h2", "day", dayOf(at)));
}

// The line above the first message that was not read.
export function markUnread(row, words) {
  row.classList.remove("continued");
  row.prepend(line("p", "fresh", words));
}

function line(name, kind, text) {
  const made = document.createElement(name);
  made.className = kind;
  made.textContent = text;
  return made;
}
