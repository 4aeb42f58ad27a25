// The composer: Enter sends, Shift+Enter breaks the line. Keeps a draft for each room.

// `objection(text)` returns why a text can't be sent, or "". It is shown in the element `why`, and the text stays in the field.
// `hasMore()`: whether something else is sent with it, so that there need be no text.
export function composer(form, why, drafts, { send, typed, objection, hasMore = () => false }) {
  const field = form.elements.message;
  let room = null;

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    field.focus();
    if (field.readOnly || !(field.value.trim() || hasMore())) return;
    why.textContent = objection(field.value);
    if (why.textContent) return;
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
    drafts.save(room, field.value);
    if (why.textContent) why.textContent = objection(field.value);
    typed(field.value);
  });

  // Show the draft of another room. Text that was typed while the page was loading belongs to the first room.
  function turnTo(name) {
    const early = room === null ? field.value : "";
    room = name;
    write([drafts.of(room), early].filter(Boolean).join("\n"));
  }

  // Send what was sent while the page was loading.
  function catchUp(texts) {
    const now = field.value;
    const left = texts.filter((text) => {
      field.value = text;
      form.requestSubmit();
      return field.value;
    });
    write([...left, now].filter(Boolean).join("\n"));
  }

  // Put a text back into the field to be changed, before what has been typed meanwhile.
  function edit(text) {
    write([text, field.value].filter(Boolean).join("\n"));
    field.focus();
  }

  function write(text) {
    why.textContent = "";
    if (field.value !== text) field.value = text; // else the cursor would move, or a word be broken off
    field.dispatchEvent(new Event("change")); // browsers tell only of what is typed
    drafts.save(room, text);
  }

  return { turnTo, catchUp, edit, focus: () => field.focus() };
}
