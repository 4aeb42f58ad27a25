// The line above the composer that says which message is answered, with a button to answer none. Escape in the field does the same.

import { button, element } from "./elements.js";

const MOST = 200; // characters; one line of them is seen

// `gist(message)` is a message in one line.
export function replying(form, replies, conversation, changes, gist, { actions: words, erased }) {
  const name = element("bdi");
  const said = element("q", { dir: "auto" });
  const end = () => replies.forget(conversation.room.name);
  const none = button(words.noReply, "cross", () => {
    end();
    form.elements.message.focus();
  });
  none.className = "plain";
  const line = element("div", { className: "replying", hidden: true }, element("p", {}, element("span", {}, words.replying), " ", name, " ", said), none);
  line.setAttribute("aria-live", "polite");
  form.querySelector(".field").before(line);
  form.elements.message.addEventListener("keydown", ({ key, defaultPrevented }) => key === "Escape" && !defaultPrevented && end());

  function show() {
    const message = replies.of(conversation.room.name);
    const shown = message && changes.made(message);
    line.hidden = !shown;
    if (!shown) return;
    name.textContent = shown.author.name || erased;
    said.textContent = gist(shown)?.slice(0, MOST) ?? "";
  }

  replies.addEventListener("change", show);
  conversation.addEventListener("change", show);
  show();
}
