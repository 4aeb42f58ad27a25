// Prose: makes elements of a message's text. The text is never parsed as HTML.

import { apart } from "../../text/mentions.js";
import { parse } from "../../text/markup.js";

// `mentions`: whom the text names, as a message has them; `nameOf(id)`: what somebody is called now, if that is known.
export function prose(text, mentions = [], nameOf = () => undefined) {
  const fragment = document.createDocumentFragment();
  const said = ({ text, id }) => (id ? mention(id, nameOf(id) ?? text.slice(1)) : document.createTextNode(text));
  const made = (part) => (part.kind === "text" ? apart(part.text, mentions).map(said) : make[part.kind](part.text));
  fragment.append(...parse(text).flatMap(made));
  return fragment;
}

function mention(id, name) {
  const made = document.createElement("span");
  made.className = "mention";
  made.dataset.id = id;
  made.append("@", element("bdi", name));
  return made;
}

const make = {
  code: (text) => element("code", text),
  block(text) {
    const block = document.createElement("pre");
    block.append(element("code", text));
    block.tabIndex = 0; // it scrolls sideways, by keyboard too
    return block;
  },
  link(text) {
    const link = element("a", text);
    return Object.assign(link, { href: text, target: "_blank", rel: "noopener nofollow" });
  },
};

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}
