// Prose: makes elements of a message's text. The text is never parsed as HTML.

import { parse } from "../../text/markup.js";

export function prose(text) {
  const fragment = document.createDocumentFragment();
  fragment.append(...parse(text).map((part) => make[part.kind](part.text)));
  return fragment;
}

const make = {
  text: (text) => document.createTextNode(text),
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
