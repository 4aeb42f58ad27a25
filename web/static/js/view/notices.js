// The notices: the browser's notifications of a mention, if the person asked for them and the page is hidden. None comes of a room
// of which the person wants to be told nothing.

import { mentionsMe } from "../text/mentions.js";
import { pathOf, routeOf } from "../text/routes.js";
import { isolated } from "../text/words.js";

const KEY = "notices";
const A_MOMENT = 1_000; // milliseconds, in which another tab that shows the room marks the message as read

// `titleOf(room)` is what a room is called, `gist(message)` a message in one line.
export function notices({ box, why, store, readMarks, levels, me, words, follow, titleOf, gist }) {
  const possible = "Notification" in window;
  box.closest("label").hidden = !possible;
  const wanted = () => possible && store.get(KEY) === true && Notification.permission === "granted";
  box.checked = wanted();

  box.addEventListener("change", async () => {
    const asked = box.checked;
    const allowed = asked && (await Notification.requestPermission()) === "granted";
    store.set(KEY, allowed);
    box.checked = wanted();
    why.textContent = asked && !allowed ? words.denied : "";
  });

  // The service worker shows the notices on Android, and passes a click on one to the page.
  navigator.serviceWorker?.addEventListener("message", ({ data }) => {
    if (!data.visit) return;
    const { room, seq } = routeOf(new URL(data.visit, location.origin));
    follow(room, seq);
  });

  async function receive(message) {
    const { room, epoch, seq, author } = message;
    if (!document.hidden || !wanted() || levels.of(room) === "none" || author.id === me.id || !mentionsMe(message, me)) return;
    await new Promise((resolve) => setTimeout(resolve, A_MOMENT));
    if (!document.hidden || readMarks.upTo(room, epoch) >= seq) return;
    const path = pathOf(room, seq);
    // A conversation of two is called by the other.
    const [name, title] = [author.name, titleOf(room)].map(isolated);
    show(name === title ? name : words.title(name, title), { body: gist(message).slice(0, 200), tag: path, data: path }, () => follow(room, seq));
  }

  return { receive };
}

// Through the service worker where there is one: on Android there is no other way.
async function show(title, options, follow) {
  const registration = await navigator.serviceWorker?.getRegistration().catch(() => null); // the browser forbids service workers
  if (registration?.active) return registration.showNotification(title, options);
  const notice = new Notification(title, options);
  notice.onclick = () => {
    window.focus();
    notice.close();
    follow();
  };
}
