// The preview: shows what is typed as it will be shown, above the field, while that looks otherwise. It takes nothing from the
// field: what is typed, undone or composed there, and read aloud, is the text itself.

import { prose } from "./prose.js";

// `box` has an element for the text; `mentions(text)` are whom a text names.
export function preview(field, box, mentions) {
  const shown = box.querySelector(".text");
  const show = () => {
    const made = prose(field.value, mentions(field.value));
    box.hidden = !made.querySelector(":not(a, .mention, bdi)");
    // Nothing in it is a stop on the way to the field.
    for (const link of made.querySelectorAll("a")) link.removeAttribute("href");
    for (const block of made.querySelectorAll("pre")) block.removeAttribute("tabindex");
    shown.replaceChildren(made);
    if (field.selectionEnd === field.value.length) box.scrollTop = box.scrollHeight;
  };
  for (const event of ["input", "change"]) field.addEventListener(event, show);
}
