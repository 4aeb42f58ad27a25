// The reactions to a message, below its text: a button for each emoji, pressed if the person of this page has reacted with it.

export function fillReactions(row, reactions = [], words) {
  const list = row.querySelector(".reactions") ?? (reactions.length ? newList(row, words) : null);
  if (!list) return;
  const before = new Map([...list.children].map((item) => [item.firstElementChild.dataset.emoji, item]));
  const items = reactions.map(({ emoji }) => before.get(emoji) ?? newItem(emoji, row));
  const hadFocus = list.contains(document.activeElement);
  for (const item of before.values()) if (!items.includes(item)) item.remove();
  items.forEach((item, index) => {
    fill(item.firstElementChild, reactions[index], words);
    if (list.children[index] !== item) list.insertBefore(item, list.children[index] ?? null);
  });
  if (!items.length) list.remove();
  if (hadFocus && !list.contains(document.activeElement)) row.querySelector(".at").focus();
}

// `react(message, emoji, on)` is called when one is pressed; `messageOf(row)` returns the message as it is shown.
export function reacting(log, messageOf, react) {
  log.addEventListener("click", ({ target }) => {
    const button = target.closest(".reaction");
    const message = button && messageOf(button.closest(".message"));
    if (message) react(message, button.dataset.emoji, button.ariaPressed !== "true");
  });
}

function newList(row, words) {
  const list = document.createElement("ul");
  list.className = "reactions";
  list.ariaLabel = words.reactions;
  row.querySelector(".text").after(list);
  return list;
}

// Tab reaches those of one message only (rowkeys.js).
function newItem(emoji, row) {
  const button = document.createElement("button");
  const count = Object.assign(document.createElement("span"), { className: "count" });
  Object.assign(button, { type: "button", className: "reaction", tabIndex: row.querySelector(".at").tabIndex });
  button.dataset.emoji = emoji;
  button.append(emoji, count);
  const item = document.createElement("li");
  item.append(button);
  return item;
}

function fill(button, { emoji, count, mine }, words) {
  button.ariaPressed = String(Boolean(mine));
  button.ariaLabel = words.reaction(count, emoji);
  button.querySelector(".count").textContent = count;
}
