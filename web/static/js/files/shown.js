// The files of a message in its row: pictures as thumbnails, sound and films to play, all else as cards.

import { element } from "../actions/elements.js";
import { fitted } from "./fit.js";
import { sizeOf } from "../text/bytes.js";

export const pathOf = (room, { id }) => `/files/${room}/${id}`;
export const isPicture = ({ width }) => Boolean(width);

// `open(file)` shows a picture large.
export function fillFiles(row, { room, files = [] }, words, open) {
  const before = row.querySelector(":scope > .files");
  const ids = files.map(({ id }) => id).join();
  if (before?.dataset.ids === ids) return; // what plays goes on
  before?.remove();
  if (!files.length) return;
  const [pictures, others] = [files.filter(isPicture), files.filter((file) => !isPicture(file))];
  const made = element("div", { className: "files" });
  made.dataset.ids = ids;
  if (pictures.length) made.append(element("div", { className: "pictures" }, ...pictures.map((file) => picture(room, file, pictures.length === 1, open))));
  made.append(...others.map((file) => other(room, file, words)));
  for (const stop of made.querySelectorAll("a, audio, video")) stop.tabIndex = row.querySelector(".at").tabIndex;
  row.querySelector(".text").after(made);
}

function picture(room, file, alone, open) {
  const size = fitted(file, alone);
  const image = element("img", { loading: "lazy", decoding: "async", alt: file.name, ...size, src: `${pathOf(room, file)}/thumbnail` });
  image.style.aspectRatio = `${size.width} / ${size.height}`; // also where the row is narrower
  const link = element("a", { className: "picture", href: pathOf(room, file) }, image);
  link.dataset.file = file.id;
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // into a tab of its own
    event.preventDefault();
    open(file);
  });
  return link;
}

function other(room, file, words) {
  const [kind] = file.type.split("/");
  const card = element(
    "a",
    { className: "card", href: pathOf(room, file), download: file.name },
    element("span", { className: "icon sheet", ariaHidden: "true" }),
    element("span", {}, element("bdi", { className: "name" }, file.name), element("span", { className: "size" }, sizeOf(file.size))),
    element("span", { className: "unseen" }, words.download),
  );
  if (kind !== "audio" && kind !== "video") return card;
  const player = element(kind, { controls: true, preload: kind === "audio" ? "none" : "metadata", src: pathOf(room, file), ariaLabel: file.name });
  return element("div", { className: kind }, player, card);
}
