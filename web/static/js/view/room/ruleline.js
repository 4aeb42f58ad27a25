// The line above the composer: the room is archived, locked or slow, or the person is muted. The composer is then read-only, if it has
// to be. In an archived room there is none.

import { timeLeft } from "../../text/timeleft.js";

export function ruleLine(line, form, words) {
  const { message, send, attach } = form.elements;

  // `rules`: see Rules.
  function show(rules, isModerator, archived) {
    const shut = !isModerator && (rules.muted > 0 || rules.locked);
    message.readOnly = shut;
    send.disabled = shut;
    if (attach) attach.disabled = shut; // where there are files
    form.classList.toggle("shut", shut);
    form.classList.toggle("archived", Boolean(archived));
    const text = archived ? words.archived : said(rules, isModerator);
    if (line.textContent !== text) line.textContent = text; // it is read aloud each time
  }

  function said({ muted, locked, slow }, isModerator) {
    if (muted && !isModerator) return muted === Infinity ? words.muted : words.mutedFor(timeLeft(muted / 1000));
    if (locked) return isModerator ? words.lockedForOthers : words.locked;
    return slow ? words.slow(slow) : "";
  }

  return { show };
}
