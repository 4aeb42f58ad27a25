// The completion of names: while somebody writes @ and the beginning of a name, a list of people who may be meant. It is loaded when
// an @ is written for the first time.
//
// After the "editable combobox with list autocomplete" of the ARIA Authoring Practices, as far as a text field of several lines may be
// one: the focus stays in the field, and the option that is marked is its active descendant.

import { paint } from "../avatar.js";
import { plain } from "../../text/plain.js";

const MOST = 6; // names in the list
let lists = 0; // so that each has an id of its own
const BEGUN = /(?:^|[^\p{L}\p{N}])@([^@\n]{0,40})$/u; // before the cursor

// `people()`: who may be named, {id, name, means?}; `means` is said beside a name that is not one person's. `label`: what the list is
// called.
export function completion(form, people, label) {
  const field = form.elements.message;
  const list = document.createElement("ul");
  list.id = `completion-${(lists += 1)}`;
  list.className = "completion";
  list.role = "listbox";
  list.ariaLabel = label;
  list.hidden = true;
  field.closest(".field").before(list);
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);
  let found = [];
  let marked = 0;

  field.addEventListener("input", show);
  field.addEventListener("click", show);
  field.addEventListener("change", close); // another text is in the field
  field.addEventListener("blur", close);
  // Before the field's own keys: Enter would send.
  form.addEventListener("keydown", (event) => onKey(event), true);
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the focus stays in the field
  list.addEventListener("click", ({ target }) => {
    const row = target.closest("li");
    if (row) pick(found[[...list.children].indexOf(row)]);
  });

  function begun() {
    const { selectionStart, selectionEnd, value } = field;
    return selectionStart === selectionEnd ? BEGUN.exec(value.slice(0, selectionStart))?.[1] : undefined;
  }

  function show() {
    const wanted = begun();
    found = wanted === undefined ? [] : people().filter(({ name }) => matches(plain(name), plain(wanted))).slice(0, MOST);
    if (!found.length || (found.length === 1 && plain(found[0].name) === plain(wanted))) return close();
    list.replaceChildren(...found.map((each, index) => option(each, `${list.id}-${index}`)));
    list.hidden = false;
    mark(0);
  }

  function close() {
    found = [];
    list.hidden = true;
    list.replaceChildren();
    field.removeAttribute("aria-activedescendant");
  }

  function mark(index) {
    marked = (index + found.length) % found.length;
    [...list.children].forEach((row, each) => (row.ariaSelected = String(each === marked)));
    field.setAttribute("aria-activedescendant", list.children[marked].id);
  }

  function onKey(event) {
    if (!found.length || event.isComposing || event.keyCode === 229 || event.target !== field) return;
    const act = {
      ArrowDown: () => mark(marked + 1),
      ArrowUp: () => mark(marked - 1),
      Enter: () => pick(found[marked]),
      Tab: () => pick(found[marked]),
      Escape: close,
    }[event.key];
    if (!act || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  function pick({ name }) {
    const at = field.selectionStart;
    field.setRangeText(`${name} `, at - begun().length, at, "end");
    close();
    field.dispatchEvent(new Event("input", { bubbles: true })); // it is a draft as what is typed
  }

  show();
}

// The name begins so, or a word in it.
function matches(name, wanted) {
  return name.startsWith(wanted) || name.includes(` ${wanted}`);
}

function option(person, id) {
  const row = document.createElement("li");
  row.id = id;
  row.role = "option";
  const avatar = Object.assign(document.createElement("span"), { className: "avatar", ariaHidden: "true" });
  const name = Object.assign(document.createElement("bdi"), { textContent: person.name });
  paint(avatar, person);
  row.append(avatar, name);
  if (!person.means) return row;
  avatar.textContent = "@";
  row.append(Object.assign(document.createElement("span"), { className: "means", textContent: person.means }));
  return row;
}
