// Prose: makes elements of a message's text. The text is never parsed as HTML.

import { apart } from "../../text/mentions.js";
import { parse } from "../../text/markup.js";

const NAMES = { bold: "strong", italic: "em", struck: "s" };

// `mentions`: whom the text names, as a message has them; `nameOf(id)`: what somebody is called now, if that is known.
export function prose(text, mentions = [], nameOf = () => undefined) {
  const said = ({ text, id }) => (id ? mention(id, nameOf(id) ?? text.slice(1)) : text);
  const made = (part) => (part.kind === "text" ? apart(part.text, mentions).map(said) : elementOf(part, part.parts?.flatMap(made)));
  const fragment = document.createDocumentFragment();
  fragment.append(...parse(text, mentions.map(({ name }) => name)).flatMap(made));
  return fragment;
}

function mention(id, name) {
  const made = document.createElement("span");
  made.className = "mention";
  made.dataset.id = id;
  made.append("@", element("bdi", name));
  return made;
}

// With what it was made of around it, and before each line, for copying.js.
function elementOf(part, inner = [part.text]) {
  const { kind, prefixes, before = prefixes?.[0], after } = part;
  const made = make[kind]?.(part) ?? element(NAMES[kind]);
  (made.querySelector("code") ?? made).append(...inner);
  if (after !== undefined) Object.assign(made.dataset, { before, each: prefixes?.[1] ?? "", after });
  return made;
}

const make = {
  code: () => element("code"),
  block({ language }) {
    const block = element("pre");
    block.append(element("code"));
    block.tabIndex = 0; // it scrolls sideways, by keyboard too
    if (language) block.dataset.language = language;
    return block;
  },
  link: ({ text }) => Object.assign(element("a"), { href: text, target: "_blank", rel: "noopener nofollow" }),
  // Each has the direction of what it begins with, since it has a side.
  quote: () => Object.assign(element("blockquote"), { dir: "auto" }),
  list: ({ parts: [{ number }] }) => Object.assign(element(number === undefined ? "ul" : "ol"), { dir: "auto" }),
  item: ({ number }) => Object.assign(element("li"), number === undefined ? {} : { value: number }),
};

function element(name, text = "") {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}
