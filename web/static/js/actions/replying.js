// The line above the composer that says which message is answered, with a button to answer none. Escape in the field does the same.

import { button, element } from "./elements.js";

// `showAnswered` as actions takes it.
export function replying(form, { replies, quotes, changes }, conversation, showAnswered, words) {
  let fetching = false;
  const end = () => replies.forget(conversation.room.name);
  const none = button(words.noReply, "cross", () => {
    end();
    form.elements.message.focus();
  });
  none.className = "plain";
  const answered = element("p", {}, element("span", {}, words.replying), " ", element("bdi"), " ", element("q", { dir: "auto" }));
  const line = element("div", { className: "replying", hidden: true }, answered, none);
  line.setAttribute("aria-live", "polite");
  form.querySelector(".field").before(line);
  form.elements.message.addEventListener("keydown", ({ key, defaultPrevented }) => key === "Escape" && !defaultPrevented && end());

  function show() {
    const { room } = conversation;
    const reply = replies.of(room.name);
    line.hidden = !reply;
    if (!reply) return;
    const known = showAnswered(answered, reply);
    if (!known && room.live) fetch(room, reply);
  }

  async function fetch(room, reply) {
    if (fetching) return;
    fetching = true;
    await quotes.fetch(room, reply);
    fetching = false;
  }

  for (const source of [replies, quotes, changes, conversation]) source.addEventListener("change", show);
  show();
}
