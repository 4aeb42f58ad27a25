// What a message of each kind (model/kinds.js) looks like in its row. An entry that is not a message has a hidden row.

import { kindOf } from "../../model/kinds.js";
import { inert } from "../name.js";
import { HERE, mentionsMe } from "../../text/mentions.js";
import { paint } from "../avatar.js";
import { prose } from "./prose.js";
import { fillQuote } from "./quote.js";
import { fillReactions } from "./reactions.js";

const FILL = {
  text(row, message, look) {
    const { text, author, mentions = [], here, edited, reactions } = message;
    const { me, words, nameOf } = look;
    row.classList.remove("deleted"); // a deletion was refused
    row.querySelector(".author").hidden = false;
    paint(row.querySelector(".avatar"), author);
    if (!author.name) inert(row.querySelector(".author"));
    row.querySelector(".author").textContent = author.name || words.erased;
    row.querySelector(".shield").hidden = !author.moderator;
    const said = row.querySelector(".text");
    said.replaceChildren(prose(text, here ? [...mentions, { id: HERE, name: HERE }] : mentions, nameOf));
    said.toggleAttribute("data-edited", Boolean(edited));
    if (edited) said.dataset.edited = words.edited;
    fillQuote(row, message, look);
    look.fillFiles(row, message);
    fillReactions(row, reactions, words);
    row.classList.toggle("mentions", author.id !== me.id && mentionsMe(message, me));
  },
  deleted(row, message, { words, fillFiles }) {
    // What has the focus may be gone now. A text that is edited here is not.
    const focused = row.querySelector(":focus");
    if (focused && !focused.closest("form")) row.querySelector(".at").focus({ preventScroll: true });
    row.classList.add("deleted");
    row.classList.remove("mentions");
    for (const part of ["shield", "author"]) row.querySelector(`.${part}`).hidden = true;
    for (const part of ["avatar", "author"]) row.querySelector(`.${part}`).textContent = "";
    row.querySelector(".text").textContent = words.deleted;
    delete row.querySelector(".text").dataset.edited;
    row.querySelector(".quote")?.remove();
    fillFiles(row, message);
    fillReactions(row, [], words);
  },
};

// Shows a message in its row. Once more after it was changed. `look` as messageList takes it.
export function fill(row, message, look) {
  row.querySelector("small").hidden = !message.author?.program;
  FILL[kindOf(message)](row, message, look);
}
