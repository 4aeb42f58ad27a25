// A list of chips, which stays the same while files come and go: so does the focus in it.

import { element } from "../actions/elements.js";
import { newChip } from "./chip.js";

// `act` as newChip takes it. Returns {list, show}.
export function chips(words, uploads, refusal, act) {
  const list = element("ul", { className: "chips", ariaLabel: words.attached });
  const made = new Map(); // by key

  // `files` as an entry of the outbox has them.
  function show(files) {
    for (const [key, { chip }] of made) if (!files.some((file) => file.key === key)) leave(key, chip);
    files.forEach((file, index) => {
      const known = uploads.of(file.key);
      if (!made.has(file.key)) made.set(file.key, newChip(file, known?.blob, words, act));
      const { chip, show } = made.get(file.key);
      show(file.id ? null : (known?.upload ?? null), refusal);
      if (list.children[index] !== chip) list.insertBefore(chip, list.children[index] ?? null);
    });
  }

  function leave(key, chip) {
    const next = (chip.nextElementSibling ?? chip.previousElementSibling)?.querySelector("button:last-child");
    if (chip.contains(document.activeElement)) (next ?? document.getElementById("message")).focus();
    chip.remove();
    made.delete(key);
  }

  return { list, show };
}
