// The dialog in which a person chooses of what in a room they are told. A button in the room's bar opens it, and shows the choice.

// `room()` returns the room's name.
export function levelDialog({ dialog, open, room, levels, words, refusal }) {
  const [form, result] = ["form", ".result"].map((name) => dialog.querySelector(name));

  // The room and its level may have changed, also on another device.
  function show() {
    const level = levels.of(room());
    open.setAttribute("aria-label", words.open(words[level]));
    open.title = words[level];
    open.dataset.level = level;
    form.elements.level.value = level;
  }

  open.addEventListener("click", () => {
    result.textContent = "";
    dialog.showModal();
    form.querySelector(":checked")?.focus(); // and not the first one
  });

  form.addEventListener("change", async () => {
    const ack = await levels.choose(room(), form.elements.level.value);
    result.textContent = ack.ok ? "" : refusal(ack);
    show();
  });

  levels.addEventListener("change", show);

  return { show };
}
