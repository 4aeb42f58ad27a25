// Keys in the list of messages: Tab reaches the time of one message, its author, its quote, its files, its reactions and the buttons beside it,
// and the arrow keys go from one message to the next.

export function rowKeys(log) {
  const links = () => log.querySelectorAll(".at");
  let stop = null;

  function make(link) {
    for (const each of stopsOf(stop)) each.tabIndex = -1;
    stop = link;
    for (const each of stopsOf(stop)) each.tabIndex = 0;
  }

  log.addEventListener("focusin", ({ target }) => target.matches(".at") && make(target));
  log.addEventListener("keydown", (event) => {
    if (!event.target.matches(".at")) return;
    const all = [...links()];
    const to = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const next = to ? all[all.indexOf(event.target) + to] : { Home: all[0], End: all.at(-1) }[event.key];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });

  // Call it after messages came: Tab then reaches the newest, unless one has the focus.
  function update() {
    if (log.contains(document.activeElement)) return;
    const block = [...log.children].findLast((each) => each.querySelector(".at")); // others have entries only that are no messages
    if (block) make([...block.querySelectorAll(".at")].at(-1));
  }

  return { update };
}

function stopsOf(link) {
  return link ? [...link.closest("li").querySelectorAll("button.author, .at, .quote, .files :is(a, audio, video), .reaction, .act")] : [];
}
