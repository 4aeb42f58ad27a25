// The actions: what one does with a message. Loaded when somebody comes near one (view/room/acting.js), with a sheet of its own.

import { replying } from "./replying.js";
import { bar } from "./bar.js";
import { editing } from "./editing.js";
import { mentionsIn } from "../text/mentions.js";
import { menu } from "./menu.js";
import { nameable } from "../model/nameable.js";
import { sheet } from "./sheet.js";
import { whoReacted } from "./whoreacted.js";

// The first of them are in the bar beside a message.
const AT_HAND = ["👍", "❤️", "😂", "🎉", "😮", "🙏"];
const IN_BAR = 3;

// `elements`: the messages' and the composer's form. `ask` as question.js makes it, `objection(text)` returns why a text can't be sent.
// `complete(form)` completes names in its field. `editFor` is for how many milliseconds people may change what they wrote, and
// `moderate()` returns a function of a message that opens the moderators' dialog, or null. `showAnswered(line, reply)`
// shows who and what is answered, and returns whether that is known. `files` is the path of this release's files.
export async function actions({ elements: { log, form }, conversation, messages, model, ask, objection, complete, editFor, moderate, showAnswered, files, words }) {
  const { changes, connection, descriptions, me, replies } = model;
  const said = words.actions;
  await sheet(`${files}css/actions.css`);

  const shownIn = (row) => changes.made(messages.messageOf(row));
  const mayWrite = () => !form.classList.contains("archived") && !form.elements.message.readOnly;
  const isMine = ({ author, at }) => author?.id === me.id && Date.now() - at < editFor;
  const focusWriting = () => form.elements.message.focus();
  const react = (message, emoji) => {
    const mine = changes.made(message).reactions?.some((each) => each.emoji === emoji && each.mine);
    changes.react(message, emoji, !mine);
  };

  const canHover = matchMedia("(hover: hover)"); // elsewhere the menu has it all, and no bar is in the way

  let picking = null;
  async function pick(message) {
    picking ??= import(`${files}js/actions/picker.js`).then((loaded) => loaded.picker({ files, words: said }));
    const picker = await picking.catch(() => (picking = null));
    const emoji = await picker?.pick();
    if (emoji) changes.react(message, emoji, true);
  }

  function answer(message) {
    replies.begin(message);
    focusWriting();
  }

  const edits = editing(conversation, messages, said, {
    textOf: (message) => changes.made(message).text,
    objection,
    complete,
    save(message, text) {
      const people = [...(message.mentions ?? []), ...nameable(conversation.room, me)];
      changes.edit(message, text, mentionsIn(text, people));
    },
    remove,
  });

  async function remove(message) {
    if (await ask(said.deleteAsks, said.delete)) changes.remove(message);
  }

  const more = menu({ atHand: AT_HAND, words: said }, { react, pick, answer, edit: (message) => edits.begin(message), remove });
  const near = bar({ log, atHand: AT_HAND.slice(0, IN_BAR), words: said }, (row) => messages.messageOf(row), { react, pick, answer });
  const who = whoReacted(connection, said, (row) => messages.messageOf(row));
  replying(form, model, conversation, showAnswered, said);

  // Somebody points at a row or focuses something in it, perhaps a reaction; `how`: "mouse", "touch", "pen" or "key".
  function approach(row, reaction, how) {
    if (how !== "touch" && !row.matches(":hover, :focus-within")) return; // it took a moment to load this
    const message = messages.messageOf(row);
    if (canHover.matches) near.place(row, Boolean(message) && shownIn(row).text !== undefined && mayWrite(), how);
    if (reaction && message) who.show(reaction, how);
    else who.hide();
  }

  function open(row) {
    const message = messages.messageOf(row);
    if (!message) return;
    const about = shownIn(row);
    const moderating = moderate();
    const write = mayWrite() && about.text !== undefined;
    const mine = write && isMine(message);
    more.open(message, about, {
      write,
      edit: mine,
      remove: mine || (about.text !== undefined && Boolean(descriptions.of(message.room).maker)),
      moderate: moderating && (() => moderating(message)),
    });
  }

  function editLast() {
    const mine = conversation.timeline.entries.findLast((each) => isMine(each) && shownText(each) !== undefined);
    if (mine && mayWrite()) edits.begin(mine, focusWriting);
  }

  function shownText(entry) {
    return messages.row(entry.seq)?.hidden === false ? changes.made(entry).text : undefined;
  }

  return { approach, open, editLast };
}
