// The composer: Enter sends, Shift+Enter breaks the line, and what was refused is said and given back.

export function composer(form, notice, send) {
  const field = form.elements.message;

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = field.value;
    notice.textContent = "";
    field.focus();
    if (!text.trim()) return;
    field.value = "";
    const answer = await send(text);
    if (answer.ok) return;
    notice.textContent = answer.detail;
    if (!field.value) field.value = text;
  });

  field.addEventListener("keydown", (event) => {
    // While a word is composed (Japanese, Chinese, …) Enter belongs to the input method.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
}
