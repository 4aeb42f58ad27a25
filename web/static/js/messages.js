// The messages on the page. Text goes in as text, never as markup.

const NEAR_THE_END = 80; // pixels from the newest message within which a reader is taken to follow

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

export function messageList(list, template, viewport) {
  const own = new Set();
  let following = true;

  // The id of a message that this page is about to send.
  function expect(id) {
    own.add(id);
  }

  function add(message) {
    list.append(row(template, message, own.delete(message.id)));
    stay();
  }

  // Someone who reads the newest keeps seeing it, also when the composer or a keyboard takes room.
  function stay() {
    if (following) viewport.scrollTop = viewport.scrollHeight;
  }

  viewport.addEventListener("scroll", () => {
    following = viewport.scrollHeight - viewport.scrollTop - viewport.clientHeight < NEAR_THE_END;
  });
  new ResizeObserver(stay).observe(viewport);

  return { expect, add };
}

function row(template, { text, at, author }, mine) {
  const item = template.content.firstElementChild.cloneNode(true);
  item.classList.toggle("mine", mine);
  item.querySelector(".author").textContent = author.name;
  item.querySelector(".text").textContent = text;
  const time = item.querySelector(".at");
  time.dateTime = new Date(at).toISOString();
  time.textContent = clock.format(at);
  return item;
}
