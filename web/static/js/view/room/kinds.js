// What a message of each kind (model/kinds.js) looks like in its row. An entry that is not a message has a hidden row.

import { kindOf } from "../../model/kinds.js";
import { mentions } from "../../text/mentions.js";
import { paint } from "../avatar.js";
import { prose } from "./prose.js";

const FILL = {
  text(row, { text, author }, me) {
    paint(row.querySelector(".avatar"), author);
    row.querySelector(".author").textContent = author.name;
    row.querySelector(".shield").hidden = !author.moderator;
    row.querySelector(".text").replaceChildren(prose(text));
    row.classList.toggle("mentions", author.id !== me.id && mentions(text, me.name));
  },
  deleted(row, _message, _me, words) {
    row.classList.add("deleted");
    row.classList.remove("mentions");
    for (const part of ["shield", "author"]) row.querySelector(`.${part}`).hidden = true;
    for (const part of ["avatar", "author"]) row.querySelector(`.${part}`).textContent = "";
    row.querySelector(".text").textContent = words.deleted;
  },
};

// Shows a message in its row. Once more after it was changed.
export function fill(row, message, me, words) {
  row.querySelector("small").hidden = !message.author?.program;
  FILL[kindOf(message)](row, message, me, words);
}
