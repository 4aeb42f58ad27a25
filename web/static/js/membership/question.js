// The question dialog: asks before something is done that cannot be undone.

export function question(dialog) {
  const [text, yes] = ["p", "[value=yes]"].map((name) => dialog.querySelector(name));

  // `asked` is a sentence, `doing` what the button says that agrees. Resolves to whether the person agrees.
  return (asked, doing) => {
    text.textContent = asked;
    yes.textContent = doing;
    dialog.returnValue = "";
    dialog.showModal();
    return new Promise((resolve) => (dialog.onclose = () => resolve(dialog.returnValue === "yes")));
  };
}
