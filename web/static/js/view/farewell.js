// The farewell: the session has ended while something written here was not sent. Says so, and lets the person take it along to
// whoever they come in as next, in this tab.

import { parsed } from "../model/store.js";

const KEY = "tertulia/taken-along";

// `unsent()` is what waits, [{room, text}]; `storage` the tab's, or null.
export function farewell({ dialog, storage, unsent }) {
  const list = dialog.querySelector("ul");
  const take = dialog.querySelector("[name=take]");
  take.hidden = storage === null;
  let decided = false;

  // Calls `go` at once if nothing waits, else when the person has decided.
  function before(go) {
    const waiting = unsent();
    if (!waiting.length || decided) return go();
    if (dialog.open) return;
    list.replaceChildren(...waiting.map(({ text }) => element("li", text)));
    take.onclick = (event) => keep(waiting) || event.preventDefault();
    dialog.onclose = () => {
      decided = true;
      go();
    };
    dialog.showModal();
  }

  // Returns false where it does not fit: it can be copied from the list then.
  function keep(waiting) {
    try {
      storage.setItem(KEY, JSON.stringify(waiting));
      return true;
    } catch {
      take.hidden = true;
      return false;
    }
  }

  return { before };
}

// What was taken along, once.
export function takenAlong(storage) {
  const taken = parsed(storage?.getItem(KEY) ?? null);
  storage?.removeItem(KEY);
  return Array.isArray(taken) ? taken : [];
}

function element(name, text) {
  const made = document.createElement(name);
  made.dir = "auto";
  made.textContent = text;
  return made;
}
