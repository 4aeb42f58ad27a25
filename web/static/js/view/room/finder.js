// The finder: searches the messages of a room that are loaded, from the newest match to older ones.

import { highlight } from "./highlights.js";
import { found } from "../../text/search.js";

// `source()` gives the messages, `rowOf(seq)` a message's row, `goTo(row)` brings one into view.
export function finder({ form, toggle, source, rowOf, goTo, words }) {
  const { query, older, newer, close } = form.elements;
  const count = form.querySelector(".count");
  let matches = [];
  let at = -1;

  toggle.addEventListener("click", () => (form.hidden ? open() : end()));
  close.addEventListener("click", end);
  older.addEventListener("click", () => step(-1));
  newer.addEventListener("click", () => step(1));
  query.addEventListener("input", look);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    step(-1);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") end();
    if (event.key === "Enter" && event.shiftKey) event.preventDefault(), step(1);
  });

  function open() {
    form.hidden = false;
    toggle.setAttribute("aria-expanded", true);
    query.select();
    query.focus();
    look();
  }

  function end() {
    if (form.hidden) return;
    form.hidden = true;
    toggle.setAttribute("aria-expanded", false);
    highlight([], "");
    toggle.focus();
  }

  function look() {
    matches = found(source(), query.value);
    at = matches.length;
    highlight(matches.map(rowOf), query.value);
    step(-1);
  }

  function step(by) {
    at = Math.min(Math.max(at + by, 0), matches.length - 1);
    count.textContent = matches.length ? words.at(matches.length - at, matches.length) : query.value.trim() && words.none;
    if (matches.length) goTo(rowOf(matches[at]));
  }

  return { end };
}
