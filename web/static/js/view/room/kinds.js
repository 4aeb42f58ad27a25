// What a message of each kind (model/kinds.js) looks like in its row. An entry that is not a message has a hidden row.

import { kindOf } from "../../model/kinds.js";
import { inert } from "../name.js";
import { mentionsMe } from "../../text/mentions.js";
import { paint } from "../avatar.js";
import { prose } from "./prose.js";

const FILL = {
  text(row, message, me, words, nameOf) {
    const { text, author, mentions } = message;
    paint(row.querySelector(".avatar"), author);
    if (!author.name) inert(row.querySelector(".author"));
    row.querySelector(".author").textContent = author.name || words.erased;
    row.querySelector(".shield").hidden = !author.moderator;
    row.querySelector(".text").replaceChildren(prose(text, mentions, nameOf));
    row.classList.toggle("mentions", author.id !== me.id && mentionsMe(message, me));
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
// `nameOf(id)`: what somebody is called now, if that is known.
export function fill(row, message, me, words, nameOf) {
  row.querySelector("small").hidden = !message.author?.program;
  FILL[kindOf(message)](row, message, me, words, nameOf);
}
