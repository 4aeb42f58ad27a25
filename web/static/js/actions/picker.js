// The picker: any emoji, found by its name or by looking. Loaded when somebody wants one that is not at hand, with its data
// (emoji/<language>.json, as setup/emoji.mjs makes it).
//
// After the "grid" of the ARIA Authoring Practices as to keys: Tab reaches one emoji, and the arrow keys go to the others.

import { element } from "./elements.js";
import { plain } from "../text/plain.js";

const TONES = ["", "🏻", "🏼", "🏽", "🏾", "🏿"];

// `files` is the path of this release's files. Resolves to {pick}; rejects if the data does not come.
export async function picker({ files, words }) {
  const answer = await fetch(`${files}emoji/${document.documentElement.lang}.json`);
  const groups = await answer.json();
  const query = element("input", { type: "search", placeholder: words.find, ariaLabel: words.find, spellcheck: false });
  const tone = element("select", { ariaLabel: words.tone }, ...TONES.map((each) => new Option(`✋${each}`, each)));
  const none = element("p", { className: "hint none", role: "status" });
  const grid = element("div", { className: "grid" }, ...groups.map(section));
  const close = element("button", { type: "button", onclick: () => dialog.close() }, words.close);
  const head = element("div", { className: "head" }, query, tone, close);
  const dialog = element("dialog", { className: "dialog picker", ariaLabel: words.pick }, head, grid, none);
  document.body.append(dialog);
  const all = [...grid.querySelectorAll("button")];
  const seen = () => all.filter((each) => !each.hidden);
  const wanted = () => plain(query.value).split(/\s+/).filter(Boolean);
  const has = (text) => wanted().every((word) => text.includes(word));
  const best = () => seen().find((each) => has(plain(each.title))) ?? seen()[0];
  let stop = null; // the one that Tab reaches
  reach(all[0]);

  function section([name, emoji]) {
    return element("section", { ariaLabel: name }, element("h3", {}, name), element("div", {}, ...emoji.map(choice)));
  }

  function choice([emoji, name, more, toned]) {
    const made = element("button", { type: "button", tabIndex: -1, title: name, ariaLabel: name }, emoji);
    Object.assign(made.dataset, { emoji, found: plain(`${name} ${more}`), ...(toned && { toned }) });
    return made;
  }

  query.addEventListener("input", () => {
    for (const each of all) each.hidden = !has(each.dataset.found);
    for (const each of grid.children) each.hidden = !each.querySelector("button:not([hidden])");
    const [first] = seen();
    none.textContent = first ? "" : words.none;
    if (first) reach(first);
  });
  query.addEventListener("keydown", (event) => {
    if (event.isComposing || !["Enter", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    if (event.key === "ArrowDown") seen()[0]?.focus();
    else if (wanted().length) best()?.click();
  });
  tone.addEventListener("change", () => {
    for (const each of all) if (each.dataset.toned) each.textContent = toned(each.dataset.emoji, tone.value);
  });
  grid.addEventListener("focusin", ({ target }) => target.matches("button") && reach(target));
  grid.addEventListener("keydown", (event) => {
    const to = next(event.key, event.target);
    if (!to) return;
    event.preventDefault();
    to.focus();
  });
  grid.addEventListener("click", ({ target }) => {
    const chosen = target.closest("button");
    if (chosen) dialog.close(chosen.textContent);
  });
  dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close()); // beside it

  function reach(to) {
    if (stop) stop.tabIndex = -1;
    stop = to;
    stop.tabIndex = 0;
  }

  // Above and below is what stands nearest in the next line.
  function next(key, from) {
    const buttons = seen();
    const at = buttons.indexOf(from);
    const beside = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: buttons.length - 1 }[key];
    if (beside !== undefined) return buttons[beside];
    const lines = { ArrowUp: buttons.slice(0, at).reverse(), ArrowDown: buttons.slice(at + 1) }[key];
    const { left, top } = from.getBoundingClientRect();
    const line = lines?.map((each) => ({ each, box: each.getBoundingClientRect() })).filter(({ box }) => Math.abs(box.top - top) > 4);
    const [first] = line ?? [];
    const same = line?.filter(({ box }) => Math.abs(box.top - first.box.top) < 4) ?? [];
    return same.sort((one, other) => Math.abs(one.box.left - left) - Math.abs(other.box.left - left))[0]?.each;
  }

  // Resolves to the emoji that was chosen, or to "".
  function pick() {
    query.value = "";
    query.dispatchEvent(new Event("input"));
    dialog.returnValue = "";
    dialog.showModal();
    grid.scrollTop = 0;
    if (matchMedia("(hover: none)").matches) close.focus(); // the field would open the keyboard
    else query.focus();
    return new Promise((resolve) => (dialog.onclose = () => resolve(dialog.returnValue)));
  }

  return { pick };
}

// As setup/emoji.mjs has it.
function toned(emoji, tone) {
  const [first, ...rest] = [...emoji];
  return tone ? first + tone + rest.join("").replace(/^\ufe0f/, "") : emoji;
}
