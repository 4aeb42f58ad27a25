// Who reacted: names beside a reaction, while somebody points at it, has the focus on it, or has pressed it for long.

import { element } from "./elements.js";
import { locale } from "../text/locale.js";
import { isolated } from "../text/words.js";

const AFTER = { mouse: 300, pen: 400, touch: 400, key: 0 }; // milliseconds
const ENDS = ["pointerout", "pointerup", "blur"];
const NAMES = 20; // more would fill the screen

const list = new Intl.ListFormat(locale);

// `messageOf(row)` returns a row's message.
export function whoReacted(connection, words, messageOf) {
  const tip = element("p", { id: "who-reacted", className: "who", role: "tooltip", hidden: true });
  document.body.append(tip);
  let reaction = null; // the one that is pointed at
  let timer = null;

  // `how`: "mouse", "touch", "pen" or "key".
  function show(to, how) {
    if (to === reaction) return;
    hide();
    reaction = to;
    timer = setTimeout(() => ask(to, how), AFTER[how] ?? AFTER.mouse);
    for (const type of ENDS) to.addEventListener(type, left);
  }

  // A finger is lifted to read what it has hidden. While it is pressed, the browser may take it for something else, and cancel it.
  function left({ type, pointerType, relatedTarget }) {
    if (pointerType === "touch" ? type === "pointerup" && tip.hidden : type !== "pointerup" && !reaction.contains(relatedTarget)) hide();
  }

  function hide() {
    clearTimeout(timer);
    if (!reaction) return;
    for (const type of ENDS) reaction.removeEventListener(type, left);
    reaction.removeAttribute("aria-describedby");
    reaction = null;
    tip.hidden = true;
  }

  async function ask(asked, how) {
    const { room, seq, id } = messageOf(asked.closest(".message")) ?? {};
    const answer = await connection.ask("reactions", { room, seq, id });
    const found = answer.ok && answer.reactions.find(({ emoji }) => emoji === asked.dataset.emoji);
    if (!found || reaction !== asked) return;
    tip.textContent = said(found);
    tip.hidden = false;
    asked.setAttribute("aria-describedby", tip.id);
    place(asked.getBoundingClientRect());
    if (how === "touch") endWithTouch(asked);
  }

  function said({ emoji, count, people }) {
    const named = people.filter(({ name }) => name).slice(0, NAMES);
    const others = count - named.length;
    return words.who(emoji, list.format([...named.map(({ name }) => isolated(name)), ...(others > 0 ? [words.others(others)] : [])]));
  }

  // Above the reaction, inside of the window.
  function place({ left, top, bottom }) {
    const { width, height } = tip.getBoundingClientRect();
    const x = Math.max(8, Math.min(left, innerWidth - width - 8));
    const y = top - height - 6 > 0 ? top - height - 6 : bottom + 6;
    Object.assign(tip.style, { left: `${x}px`, top: `${y}px` });
  }

  // The finger is lifted from it: this is no press. Touching anything ends it.
  function endWithTouch(asked) {
    const swallow = (event) => (event.preventDefault(), event.stopPropagation());
    asked.addEventListener("click", swallow, { capture: true, once: true });
    document.addEventListener(
      "pointerdown",
      () => {
        asked.removeEventListener("click", swallow, { capture: true });
        hide();
      },
      { capture: true, once: true },
    );
  }

  document.addEventListener("keydown", ({ key }) => key === "Escape" && hide());
  document.addEventListener("scroll", hide, { capture: true, passive: true });

  return { show, hide };
}
