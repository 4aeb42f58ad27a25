// The menu of a message: everything that one does with it. It is a dialog, so that it is the same by pointer, touch and keyboard.

import { button, element } from "./elements.js";

const COPIED_FOR = 700; // milliseconds

// `act` has react, pick, answer, edit and remove; each is given the message.
export function menu({ atHand, words }, act) {
  const quick = element("div", { className: "quick", role: "group", ariaLabel: words.react });
  const list = element("div", { className: "list" });
  const dialog = element("dialog", { className: "dialog menu", ariaLabel: words.bar }, quick, list);
  dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close()); // beside it
  document.body.append(dialog);

  // `message` is the log's, `shown` what of it is on the page. `may` says what the person may do with it: `write`, `edit`, `remove`;
  // `moderate` opens the moderators' dialog, or is null.
  function open(message, shown, may) {
    const then = (does) => () => {
      dialog.close();
      does(message);
    };
    const item = (text, does) => element("button", { type: "button", onclick: does }, text);
    quick.hidden = !may.write;
    quick.replaceChildren(
      ...atHand.map((emoji) => {
        const made = button(words.with(emoji), emoji, then(() => act.react(message, emoji)));
        made.ariaPressed = String(Boolean(shown.reactions?.some((each) => each.emoji === emoji && each.mine)));
        return made;
      }),
      button(words.pick, "smile", then(act.pick)),
    );
    list.replaceChildren(
      ...(may.write ? [item(words.reply, then(act.answer))] : []),
      ...(!shown.text ? [] : [item(words.copy, ({ target }) => copy(shown.text, target))]),
      ...(may.edit ? [item(words.edit, then(act.edit))] : []),
      ...(may.remove ? [item(words.delete, then(act.remove))] : []),
      ...(may.moderate ? [item(words.moderate, then(may.moderate))] : []),
      item(words.close, () => dialog.close()),
    );
    dialog.showModal();
    (may.write ? quick : list).querySelector("button").focus();
  }

  async function copy(text, item) {
    const done = navigator.clipboard ? await navigator.clipboard.writeText(text).then(() => true, () => false) : copyBySelecting(text);
    item.textContent = done ? words.copied : words.uncopied;
    if (done) setTimeout(() => dialog.close(), COPIED_FOR);
  }

  // On a page without TLS there is no other way.
  function copyBySelecting(text) {
    const field = element("textarea", { value: text });
    dialog.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }

  return { open };
}
