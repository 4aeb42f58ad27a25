// The composer: Enter sends, Shift+Enter breaks the line. Keeps a draft for each room.

export function composer(form, drafts, { send, typed }) {
  const field = form.elements.message;
  let room = null;

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    field.focus();
    if (field.readOnly || !field.value.trim()) return;
    send(field.value);
    write("");
  });

  field.addEventListener("keydown", (event) => {
    // While a word is composed (Japanese, Chinese, …) Enter belongs to the input method; Safari tells it by the 229.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    form.requestSubmit();
  });

  field.addEventListener("input", () => {
    drafts.keep(room, field.value);
    typed(field.value);
  });

  // Go on with what was begun in another room.
  function turnTo(name) {
    room = name;
    write(drafts.of(room));
  }

  // Give a text back to be changed, before whatever has been begun meanwhile.
  function edit(text) {
    write([text, field.value].filter(Boolean).join("\n"));
    field.focus();
  }

  function write(text) {
    field.value = text;
    field.dispatchEvent(new Event("change")); // browsers tell only of what is typed
    drafts.keep(room, text);
  }

  return { turnTo, edit, focus: () => field.focus() };
}
