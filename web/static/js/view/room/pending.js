// The list of pending messages, below the others: each entry of the outbox with its state, and buttons for one that failed.

import { prose } from "./prose.js";
import { fillQuote } from "./quote.js";

// `act` has retry, edit and discard; each is given the entry. `look` has `words`, `fillFiles`, `quoted` and `wantQuote`, as messageList
// takes them.
export function pendingList(list, template, act, look) {
  let rows = new Map(); // by the entry's id, so that a row, and the focus in it, stays when another entry changes

  // `limited` is the entry, if there is one, that waits because so many were sent before it.
  function show(entries, limited) {
    const before = rows;
    rows = new Map(entries.map((entry) => [entry.id, before.get(entry.id) ?? newRow(template)]));
    for (const [id, row] of before) if (!rows.has(id)) row.remove();
    entries.forEach((entry, index) => {
      const row = rows.get(entry.id);
      fill(row, entry, look.words, act, entry.id === limited?.id);
      fillQuote(row, entry, look);
      look.fillFiles(row, entry);
      if (list.children[index] !== row) list.insertBefore(row, list.children[index] ?? null);
    });
  }

  return { show };
}

function newRow(template) {
  return template.content.firstElementChild.cloneNode(true);
}

function fill(row, entry, words, act, limited) {
  row.dataset.state = entry.state;
  row.querySelector(".author").textContent = words.you;
  const said = row.querySelector(".text");
  if (!said.hasChildNodes()) said.append(prose(entry.text, entry.mentions)); // it never changes
  row.querySelector(".fate").textContent = limited ? words.pendingLimited : fate(entry, words);
  row.querySelector(".actions").hidden = entry.state !== "failed";
  const why = row.querySelector(".why");
  const text = entry.state === "failed" ? words.refusal(entry.refusal ?? {}) : "";
  // Written only when it changes, since it is read aloud each time.
  if (why.textContent !== text) why.textContent = text;
  for (const button of row.querySelectorAll("button[name]")) button.onclick = () => act[button.name](entry);
}

function fate({ state, saved }, words) {
  if (state === "pending" && !saved) return words.pendingUnsaved;
  return words[state];
}
