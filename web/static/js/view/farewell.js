// The farewell dialog: the session has ended, and something was not sent. The person may take it along: it becomes a draft
// after the next sign-in in this tab.

import { parsed } from "../model/store.js";

const KEY = "tertulia/taken-along";

// `unsent()` returns what was not sent, [{room, text}], and `gist(each)` one of them in a line; `storage` is the tab's, or null.
export function farewell({ dialog, storage, unsent, gist = ({ text }) => text }) {
  const list = dialog.querySelector("ul");
  const take = dialog.querySelector("[name=take]");
  take.hidden = storage === null;
  let decided = false;

  // Calls `go` at once if everything was sent, else when the person has decided.
  function before(go) {
    const waiting = unsent();
    if (!waiting.length || decided) return go();
    if (dialog.open) return;
    list.replaceChildren(...waiting.map((each) => element("li", gist(each))));
    take.onclick = (event) => keep(waiting) || event.preventDefault();
    dialog.onclose = () => {
      decided = true;
      go();
    };
    dialog.showModal();
  }

  // Returns false if the storage is full. The person can still copy the text from the list.
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

// Returns what was taken along, and removes it.
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
