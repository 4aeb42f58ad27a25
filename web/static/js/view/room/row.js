// A row: one message on the page.

import { fill } from "./kinds.js";
import { inert } from "../name.js";
import { pathOf } from "../../text/routes.js";
import { clockOf, dayOf, exactOf } from "../../text/times.js";

export function rowOf(template, message, look) {
  const { seq, room, at, author } = message;
  const row = template.content.firstElementChild.cloneNode(true);
  row.dataset.seq = seq;
  const mine = author.id === look.me.id;
  row.classList.toggle("mine", mine);
  if (mine) inert(row.querySelector(".author"));
  fill(row, message, look);
  const link = row.querySelector(".at");
  link.href = pathOf(room, seq);
  link.title = exactOf(at);
  link.firstElementChild.dateTime = new Date(at).toISOString();
  link.firstElementChild.textContent = clockOf(at);
  return row;
}

// The row of an entry that is not a message.
export function hiddenRow() {
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
