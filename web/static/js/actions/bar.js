// The bar beside a message, while somebody points at it or something in it has the focus. There is one, which goes from row to row.

import { button, element } from "./elements.js";

// `messageOf(row)` returns a row's message. `act` has react, pick and answer; each is given the message.
export function bar({ log, atHand, words }, messageOf, act) {
  let row = null;
  const message = () => messageOf(row);
  const made = element(
    "div",
    { className: "acts", role: "group", ariaLabel: words.bar },
    ...atHand.map((emoji) => button(words.with(emoji), emoji, () => act.react(message(), emoji))),
    button(words.react, "smile", () => act.pick(message())),
    button(words.reply, "reply", () => act.answer(message())),
  );
  made.addEventListener("pointerdown", (event) => event.preventDefault()); // the focus stays where it was
  log.addEventListener("pointerleave", () => focused() || leave());
  log.addEventListener("focusout", ({ relatedTarget }) => {
    if (row && !row.contains(relatedTarget) && !row.matches(":hover")) leave();
  });

  const focused = () => row?.contains(document.activeElement);

  function leave() {
    row = null;
    made.remove();
  }

  // `how`: "key" if the focus came, else a pointer did. The bar is not taken from whoever has the focus in it.
  function place(to, wanted, how) {
    if (how !== "key" && made.contains(document.activeElement)) return;
    if (!wanted) return leave();
    for (const each of made.children) each.tabIndex = to.querySelector(".at").tabIndex;
    if (row === to && made.isConnected) return;
    row = to;
    row.querySelector(".act").before(made);
  }

  return { place };
}
