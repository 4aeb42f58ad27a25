// Choosing files. On a touch screen one is asked whether to take a photo: not every telephone offers it otherwise.

import { element } from "../actions/elements.js";

// `add(files)` takes what was chosen.
export function choosing(words, add) {
  const input = (more) => {
    const made = element("input", { type: "file", hidden: true, ...more });
    made.addEventListener("change", () => {
      const chosen = [...made.files];
      made.value = ""; // the same one can be chosen again
      dialog.close();
      if (chosen.length) add(chosen);
    });
    return made;
  };
  const any = input({ multiple: true, className: "any" });
  const camera = input({ accept: "image/*", className: "camera" });
  camera.setAttribute("capture", "environment");
  const item = (text, does) => element("button", { type: "button", onclick: does }, text);
  const items = [item(words.photograph, () => camera.click()), item(words.choose, () => any.click()), item(words.close, () => dialog.close())];
  const dialog = element("dialog", { className: "dialog choosing", ariaLabel: words.attach }, element("div", { className: "list" }, ...items));
  dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close()); // beside it
  document.body.append(dialog, any, camera);

  return () => (matchMedia("(pointer: coarse)").matches ? dialog.showModal() : any.click());
}
