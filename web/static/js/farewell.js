// The farewell: the session has ended while something written here was not sent. Says so, and lets the person take it along to
// whoever they come in as next, in this tab.

const KEY = "tertulia/taken-along";

// `unsent()` is what waits, [{room, text}]; `storage` the tab's, or null.
export function farewell({ dialog, storage, unsent }) {
  const list = dialog.querySelector("ul");
  const take = dialog.querySelector("[name=take]");
  take.hidden = storage === null;

  // Calls `go` at once if nothing waits, else when the person has decided.
  function before(go) {
    const waiting = unsent();
    if (!waiting.length) return go();
    if (dialog.open) return;
    list.replaceChildren(...waiting.map(({ text }) => element("li", text)));
    take.onclick = () => storage.setItem(KEY, JSON.stringify(waiting));
    dialog.addEventListener("close", go, { once: true });
    dialog.showModal();
  }

  return { before };
}

// What was taken along, once.
export function takenAlong(storage) {
  const taken = storage?.getItem(KEY);
  if (taken) storage.removeItem(KEY);
  return taken ? JSON.parse(taken) : [];
}

function element(name, text) {
  const made = document.createElement(name);
  made.dir = "auto";
  made.textContent = text;
  return made;
}
