// The composer: Enter sends, Shift+Enter breaks the line.

export function composer(form, send) {
  const field = form.elements.message;

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    field.focus();
    if (!field.value.trim()) return;
    send(field.value);
    field.value = "";
  });

  field.addEventListener("keydown", (event) => {
    // While a word is composed (Japanese, Chinese, …) Enter belongs to the input method.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });

  // Give a text back to be changed, before whatever has been begun meanwhile.
  function edit(text) {
    field.value = [text, field.value].filter(Boolean).join("\n");
    field.focus();
  }

  return { edit, focus: () => field.focus() };
}
