// The viewer: a picture as large as the window, with the arrow keys to the others of the room that are loaded.

import { button, element } from "../actions/elements.js";
import { isPicture, pathOf } from "./shown.js";
import { sizeOf } from "../text/bytes.js";

// `messages()` returns those that are shown, in order.
export function viewer(log, messages, words) {
  const image = element("img", { alt: "" });
  const name = element("bdi");
  const about = element("span", { className: "about" });
  const original = element("a", { target: "_blank" }, words.original);
  const close = button(words.close, "cross", () => dialog.close());
  const [previous, next] = [button(words.previous, "up", () => step(-1)), button(words.next, "up", () => step(1))];
  previous.classList.add("previous");
  next.classList.add("next-one");
  const line = element("p", { ariaLive: "polite" }, name, " ", about);
  const dialog = element("dialog", { className: "viewer", ariaLabel: words.viewer }, element("header", {}, line, original, close), image, previous, next);
  for (const each of [close, previous, next]) each.classList.add("plain");
  close.autofocus = true;
  document.body.append(dialog);
  let at = null; // {room, file}

  dialog.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (by) event.preventDefault(), step(by);
  });
  dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
  // The focus goes to the picture that was seen last.
  dialog.addEventListener("close", () => {
    const link = at && log.querySelector(`.picture[data-file="${at.file.id}"]`);
    at = null;
    image.removeAttribute("src");
    link?.focus();
  });

  const all = () => messages().flatMap(({ room, files = [] }) => files.filter(isPicture).map((file) => ({ room, file })));
  const indexIn = (pictures) => pictures.findIndex(({ file }) => file.id === at.file.id);

  function show(picture) {
    const pictures = all();
    at = pictures.find(({ file }) => file.id === picture.id);
    if (!at) return;
    const { room, file } = at;
    const index = indexIn(pictures);
    Object.assign(image, { src: pathOf(room, file), alt: file.name, width: file.width, height: file.height });
    original.href = pathOf(room, file);
    name.textContent = file.name;
    about.textContent = `${sizeOf(file.size)} · ${words.at(index + 1, pictures.length)}`;
    previous.disabled = index === 0;
    next.disabled = index === pictures.length - 1;
    for (const near of [index - 1, index + 1]) if (pictures[near]) new Image().src = pathOf(pictures[near].room, pictures[near].file);
    if (!dialog.open) dialog.showModal();
  }

  function step(by) {
    const pictures = all();
    const picture = pictures[indexIn(pictures) + by];
    if (picture) show(picture.file);
  }

  // Call it when messages have changed: the picture may be one of a message that was deleted.
  function check() {
    if (at && indexIn(all()) < 0) dialog.close();
  }

  return { show, check };
}
