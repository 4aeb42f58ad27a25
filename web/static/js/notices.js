// The notices: tells of a mention while the page is hidden, if the person asked for that.

import { mentions } from "./mentions.js";

const KEY = "notices";

export function notices({ box, store, me, words, follow }) {
  const possible = "Notification" in window;
  box.closest("label").hidden = !possible;
  const wanted = () => possible && store.get(KEY) === true && Notification.permission === "granted";
  box.checked = wanted();

  box.addEventListener("change", async () => {
    store.set(KEY, box.checked && (await Notification.requestPermission()) === "granted");
    box.checked = wanted();
  });

  function hear({ room, seq, text, author }) {
    if (!document.hidden || !wanted() || author.id === me.id || !mentions(text, me.name)) return;
    const notice = new Notification(words.title(author.name, room), { body: text.slice(0, 200), tag: `${room}#${seq}` });
    notice.onclick = () => {
      window.focus();
      notice.close();
      follow(room, seq);
    };
  }

  return { hear };
}
