// Editing a message in its place: Enter saves, Shift+Enter breaks the line, Escape cancels. One message at a time.

import { element } from "./elements.js";
import { growing } from "../view/room/growing.js";

// `textOf(message)` returns what a message says, with what is on its way. `objection(text)` returns why a text can't be a message, or
// "". `complete(form)` completes names in its field. `save(message, text)` and `remove(message)` do what they say; a message that is
// left without a text is to be removed.
export function editing(conversation, messages, words, { textOf, objection, complete, save, remove }) {
  let current = null; // {message, text, form, after}

  // `after` is called when it is over, and sees to the focus. Without it the message has it.
  function begin(message, after = null, text = textOf(message)) {
    end();
    const row = messages.row(message.seq);
    const form = formOf(words);
    const field = form.elements.message;
    current = { message, form, after, room: conversation.room };
    field.value = text;
    row.classList.add("in-hand");
    row.querySelector(".text").after(form);
    growing(field);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      submit(field.value.trim(), form.querySelector(".why"));
    });
    form.elements.cancel.addEventListener("click", () => finish());
    form.addEventListener("keydown", (event) => {
      if (event.isComposing || event.keyCode === 229 || event.target !== field) return;
      if (event.key === "Escape") finish();
      if (event.key !== "Enter" || event.shiftKey) return;
      event.preventDefault();
      form.requestSubmit();
    });
    complete(form);
    field.focus();
    field.dispatchEvent(new Event("change")); // it grows
    form.scrollIntoView({ block: "nearest" });
  }

  function submit(text, why) {
    const { message } = current;
    why.textContent = text && objection(text);
    if (why.textContent) return;
    finish();
    if (!text) remove(message);
    else if (text !== textOf(message)) save(message, text);
  }

  function finish() {
    const { message, after } = current;
    end();
    if (after) after();
    else messages.row(message.seq)?.querySelector(".at").focus({ preventScroll: true });
  }

  function end() {
    current?.form.closest(".message")?.classList.remove("in-hand");
    current?.form.remove();
    current = null;
  }

  // The rows were made anew, perhaps because the connection was away for long: what was written is not lost.
  conversation.addEventListener("change", () => {
    if (!current || current.form.isConnected) return;
    const { message, form, after, room } = current;
    if (room === conversation.room && messages.row(message.seq)) begin(message, after, form.elements.message.value);
    else current = null;
  });

  return { begin: (message, after) => begin(message, after) };
}

function formOf(words) {
  const field = element("textarea", { name: "message", rows: 1, dir: "auto", ariaLabel: words.editing, enterKeyHint: "send" });
  const buttons = [
    element("button", { className: "main", type: "submit" }, words.save),
    element("button", { type: "button", name: "cancel" }, words.cancel),
  ];
  return element(
    "form",
    { className: "editing", method: "dialog", autocomplete: "off" },
    element("div", { className: "field" }, field),
    element("p", { className: "why", role: "alert" }),
    element("p", { className: "actions" }, ...buttons, element("span", { className: "hint" }, words.keys)),
  );
}
