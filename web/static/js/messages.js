// The messages on the page. Text goes in as text, never as markup.

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

export function messageList(list, template) {
  // `mine` is a set of ids in each of these.
  function restart(messages, mine) {
    list.replaceChildren(rows(template, messages, mine));
  }

  function append(messages, mine) {
    list.append(rows(template, messages, mine));
  }

  function prepend(messages, mine) {
    list.prepend(rows(template, messages, mine));
  }

  return { restart, append, prepend };
}

function rows(template, messages, mine) {
  const fragment = document.createDocumentFragment();
  fragment.append(...messages.map((message) => row(template, message, mine.has(message.id))));
  return fragment;
}

function row(template, { seq, text, at, author }, mine) {
  const item = template.content.firstElementChild.cloneNode(true);
  item.dataset.seq = seq;
  item.classList.toggle("mine", mine);
  item.querySelector(".author").textContent = author.name;
  item.querySelector(".text").textContent = text;
  const time = item.querySelector(".at");
  time.dateTime = new Date(at).toISOString();
  time.textContent = clock.format(at);
  return item;
}
