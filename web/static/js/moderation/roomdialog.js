// The room dialog, for moderators: a room's rules, who is muted or banned, and what moderators did.

import { LOBBY } from "../text/routes.js";
import { timeLeft } from "../text/timeleft.js";
import { exactOf } from "../text/times.js";
import { isolated } from "../text/words.js";

export function roomDialog({ dialog, open, connection, room, descriptions, titleOf, words: { moderation: words, refusal } }) {
  const form = dialog.querySelector("form");
  const { locked, archived, slow, earlier, clear } = form.elements;
  const [heading, standing, done, result] = ["h2", ".standing", ".done", ".result"].map((name) => dialog.querySelector(name));
  let oldest;

  open.addEventListener("click", () => {
    const { name, rules } = room();
    heading.textContent = words.room(isolated(titleOf(name)));
    locked.checked = rules.locked;
    const { kind, archived: isArchived } = descriptions.of(name);
    archived.checked = Boolean(isArchived);
    archived.closest("p").hidden = name === LOBBY || kind === "direct";
    showPace(rules.slow);
    result.textContent = "";
    dialog.querySelector("a").href = `/invitations?room=${name}`;
    dialog.showModal();
    refresh();
  });
  locked.addEventListener("change", () => change("lock", { room: room().name, locked: locked.checked }));
  archived.addEventListener("change", async () => {
    if (!(await change("archive", { room: room().name, archived: archived.checked }))) archived.checked = !archived.checked;
  });
  slow.addEventListener("change", () => change("slow", { room: room().name, seconds: Number(slow.value) }));
  clear.addEventListener("click", () => confirm(words.clear(isolated(titleOf(room().name)))) && change("purge", { room: room().name }));
  earlier.addEventListener("click", () => showDone({ before: oldest }));

  async function change(event, details) {
    const ack = await ask(event, details);
    if (ack.ok) refresh();
    return ack.ok;
  }

  async function ask(event, details = {}) {
    const ack = await connection.ask(event, details);
    result.textContent = ack.ok ? "" : refusal(ack);
    return ack;
  }

  async function refresh() {
    const ack = await ask("sanctions");
    if (!ack.ok) return;
    const none = element("li", words.none);
    standing.replaceChildren(...(ack.sanctions.length ? ack.sanctions.map(sanctionRow) : [none]));
    done.replaceChildren();
    await showDone({});
  }

  async function showDone(range) {
    const ack = await ask("audit", range);
    if (!ack.ok) return;
    done.append(...ack.entries.map((entry) => element("li", `${exactOf(entry.at)} · ${lineOf(entry)}`)));
    oldest = ack.entries.at(-1)?.id;
    earlier.hidden = !ack.more;
  }

  function sanctionRow({ kind, person, address, name, by, seconds }) {
    const whom = address ?? name ?? person;
    const until = seconds === undefined ? words.untilLifted : words.left(timeLeft(seconds));
    const row = element("li", `${words[kind](isolated(whom))} · ${until} ${by && `· ${words.by(isolated(by))} `}`);
    const lift = element("button", words.lift);
    lift.type = "button";
    lift.setAttribute("aria-label", words.liftOf(whom));
    lift.addEventListener("click", async () => {
      await change("lift", { kind, ...(address ? { address } : { person }) });
      form.elements.close.focus(); // the button is gone
    });
    row.append(lift);
    return row;
  }

  function lineOf({ what, by, person, address, room, kind, pace, past, until }) {
    const where = room ?? words.guarded[kind]; // which one, nobody is told
    const whom = person ? person.name || person.id : address; // the name may have been erased
    const line = words.did[what]?.(`${isolated(by.name || by.id)} (${by.address})`, whom ? isolated(whom) : where, where ?? "", pace ?? "", past === undefined ? words.ever : timeLeft(past));
    return until ? `${line} · ${words.until(exactOf(until))}` : line;
  }

  // A program may have set another one than the list has.
  function showPace(seconds) {
    slow.value = seconds;
    if (slow.value === "") slow.append(new Option(timeLeft(seconds), seconds, true, true));
  }
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}
