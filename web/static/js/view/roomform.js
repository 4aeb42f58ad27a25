// The field at the side in which a room's name is typed, to go there. A room that does not exist is made by the first message.

import { roomNamed } from "../text/routes.js";

export function roomForm(form, words, visit) {
  const { room } = form.elements;
  const why = form.querySelector(".why");

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const name = roomNamed(room.value);
    why.textContent = name || !room.value.trim() ? "" : words.invalid;
    room.setAttribute("aria-invalid", Boolean(why.textContent));
    if (!name) return room.focus();
    room.value = "";
    visit(name);
  });

  room.addEventListener("input", () => {
    why.textContent = "";
    room.removeAttribute("aria-invalid");
  });
}
