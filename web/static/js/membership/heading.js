// The heading of the room: its title and topic. Makers of a private room change them in their place, and moderators those of an open
// one.

// `elements`: those of the place, its title, topic and lock, the form, and the buttons that open the form and the members' dialog.
// `describe({title, topic})` resolves to the server's answer.
export function heading({ where, title, topic, lock, form, change, members }, { refusal }, describe) {
  const why = form.querySelector(".why");
  let shown = {}; // the room's description

  function show(about, name, isModerator) {
    shown = about;
    title.textContent = name;
    topic.textContent = topic.title = about.topic;
    topic.hidden = !about.topic;
    lock.hidden = members.hidden = about.kind !== "private";
    const mayChange = !about.archived && (about.kind === "open" ? isModerator : about.kind === "private" && about.maker);
    if (!mayChange) end();
    change.hidden = !mayChange || !form.hidden;
  }

  change.addEventListener("click", () => {
    form.elements.title.value = shown.title;
    form.elements.topic.value = shown.topic;
    why.textContent = "";
    turn(true);
    form.elements.title.select();
  });
  form.elements.cancel.addEventListener("click", cancel);
  form.addEventListener("keydown", ({ key }) => key === "Escape" && cancel());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const answer = await describe({ title: form.elements.title.value.trim(), topic: form.elements.topic.value.trim() });
    if (answer.ok) return cancel();
    why.textContent = refusal(answer);
    form.elements.title.focus();
  });

  function cancel() {
    turn(false);
    change.focus();
  }

  function end() {
    if (!form.hidden) turn(false);
  }

  // The title stays for those who listen: it is the page's heading.
  function turn(changing) {
    form.hidden = !changing;
    change.hidden = changing;
    where.classList.toggle("unseen", changing);
  }

  return { show, end };
}
