// A chip: a file on its way to the server, with its progress, and buttons to remove it or to try again.

import { button, element } from "../actions/elements.js";
import { sizeOf } from "../text/bytes.js";

const GLIMPSE = 40; // pixels
const DECODED = 20_000_000; // bytes of an image that is decoded here, at most

// `act` has retry and remove; each is given the key.
export function newChip({ key, name, size }, blob, words, act) {
  const picture = element("span", { className: "glimpse", ariaHidden: "true" }, element("span", { className: "icon sheet" }));
  const state = element("span", { className: "state-of" });
  const progress = element("progress", { max: size || 1, ariaLabel: words.progress(name) });
  const again = button(words.again(name), "again", () => act.retry(key));
  const remove = button(words.remove(name), "cross", () => act.remove(key));
  for (const each of [again, remove]) each.className = "plain";
  const chip = element("li", { className: "chip" }, picture, element("div", {}, element("bdi", {}, name), state, progress), again, remove);
  chip.dataset.key = key;
  glimpse(picture, blob);

  // `upload` is null of a file that arrived before the page was loaded.
  function show(upload, why) {
    const { state: now, sent, problem } = upload ?? { state: "done" };
    chip.dataset.state = now;
    progress.hidden = now === "done" || now === "failed";
    if (now === "moving" || sent) progress.value = sent;
    else progress.removeAttribute("value");
    again.hidden = !(now === "failed" || (now === "waiting" && problem));
    const text = {
      waiting: () => (problem ? words.noNetwork : words.waiting),
      moving: () => words.moving(sizeOf(sent), sizeOf(size)),
      done: () => sizeOf(size),
      failed: () => why(upload.refusal),
    }[now]();
    if (state.textContent !== text) state.textContent = text;
  }

  return { chip, show };
}

// On a canvas: the page's policies allow no images but the chat's own.
async function glimpse(place, blob) {
  if (!blob?.type.startsWith("image/") || blob.size > DECODED) return;
  const options = { resizeHeight: 2 * GLIMPSE, resizeQuality: "medium" };
  const bitmap = await createImageBitmap(blob, options).catch(() => null); // it only looks like an image
  if (!bitmap) return;
  const canvas = element("canvas", { width: 2 * GLIMPSE, height: 2 * GLIMPSE });
  canvas.getContext("2d").drawImage(bitmap, (canvas.width - bitmap.width) / 2, 0);
  bitmap.close();
  place.replaceChildren(canvas);
}
