// The form at the side: goes to an open room by its name, or makes a private one. An open room is made by its first message.

import { roomNamed } from "../text/routes.js";

// `make(about)` makes a private room, and resolves to the server's answer.
export function roomForm(form, words, { visit, make }) {
  const { room, kinds, topic } = form.elements;
  const [why, hint] = [".why", ".hint"].map((each) => form.querySelector(each));
  let waiting = false; // for the server

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (waiting) return;
    waiting = true;
    await (form.elements.kind.value === "private" ? begin() : go());
    waiting = false;
  });
  room.addEventListener("input", () => object(""));
  kinds.addEventListener("change", choose);

  // The choice takes place only while it may be wanted.
  form.addEventListener("focusin", () => (kinds.hidden = false));
  form.addEventListener("focusout", ({ relatedTarget: to }) => to && !form.contains(to) && !room.value && end());
  choose();

  function choose() {
    const kind = form.elements.kind.value;
    hint.textContent = words.rooms.kinds[kind];
    topic.hidden = kind !== "private";
    object("");
  }

  function go() {
    const name = roomNamed(room.value);
    object(name || !room.value.trim() ? "" : words.rooms.invalid);
    if (!name) return room.focus();
    end();
    visit(name);
  }

  async function begin() {
    const title = room.value.trim();
    if (!title) return object(words.rooms.untitled), room.focus();
    const answer = await make({ kind: "private", title, ...(topic.value.trim() && { topic: topic.value.trim() }) });
    if (!answer.ok) return object(words.refusal(answer)), room.focus();
    end();
    visit(answer.room);
  }

  function end() {
    form.reset();
    choose();
    kinds.hidden = true;
  }

  function object(text) {
    why.textContent = text;
    if (text) room.setAttribute("aria-invalid", true);
    else room.removeAttribute("aria-invalid");
  }
}
