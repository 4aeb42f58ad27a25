// The conversation: shows one room's messages, at the newest or around an older one, and marks them as read.
//
// Event: "change" (another room, or another position in it).

import { Excerpt } from "../../model/excerpt.js";
import { isMessage, targetsOf } from "../../model/kinds.js";
import { Unread } from "./unread.js";
import { viewport } from "./viewport.js";

export class Conversation extends EventTarget {
  room = null;
  unseen = 0; // messages that came below the part in view
  #connection;
  #unread;
  #me;
  #messages;
  #elements;
  #view;
  #excerpt = null;
  #pointed = null; // a row
  #visit; // an AbortController: ends listening to the room
  #source; // an AbortController: ends listening to the timeline

  // `elements`: the scrolling one, and those for "loading older" and "nothing yet". `messages` as messageList makes.
  constructor({ connection, readMarks, me, messages, elements }) {
    super();
    this.#connection = connection;
    this.#unread = new Unread(readMarks);
    this.#me = me;
    this.#messages = messages;
    this.#elements = elements;
    this.#view = viewport(elements.scroller, {
      nearStart: () => (this.#excerpt ?? this.room)?.wantOlder(),
      nearEnd: () => this.#newer(),
      moved: () => this.#look(),
    });
    document.addEventListener("visibilitychange", () => this.#look());
  }

  // The room's timeline, or the excerpt that is shown.
  get timeline() {
    return (this.#excerpt ?? this.room).timeline;
  }

  get atNewest() {
    return this.#excerpt === null && this.#view.isFollowing();
  }

  open(room) {
    this.#visit?.abort();
    this.#visit = new AbortController();
    this.room = room;
    this.#unread.open(room);
    this.#begin(null);
    room.addEventListener("change", () => this.#settle(), { signal: this.#visit.signal });
    this.#settle();
  }

  // Only a complete room shows what is unread.
  #settle() {
    if (!this.room.live) return;
    if (this.#unread.complete()) this.#showUnread();
    this.#look();
  }

  // Go to the newest message, and stay there.
  toNewest() {
    if (this.#excerpt) this.#begin(null);
    this.#view.follow();
  }

  // Show a message, wherever it is in the log. Resolves to whether it exists, or to null if the server did not answer.
  async goTo(seq) {
    const there = await this.#bring(seq);
    if (!there) return there;
    const row = this.#messages.row(seq);
    if (!row || row.hidden) return false;
    this.point(row);
    row.querySelector(".at").focus({ preventScroll: true });
    return true;
  }

  // Change rows, while what is in view stays where it is.
  hold(change) {
    this.#view.hold(change);
  }

  // Bring a row into view, and mark it.
  point(row) {
    this.#pointed?.classList.remove("pointed");
    this.#pointed = row;
    this.#view.show(row);
    void row.offsetWidth; // so that the same one can be pointed at again
    row.classList.add("pointed");
  }

  async #bring(seq) {
    const { room } = this;
    if (this.#messages.row(seq)) return true;
    if (seq >= room.timeline.low) this.#begin(null);
    else {
      const excerpt = new Excerpt(room, this.#connection, this.#me);
      const there = await excerpt.around(seq);
      if (!there || room !== this.room) return there && null;
      this.#begin(excerpt);
    }
    return true;
  }

  #begin(excerpt) {
    this.#excerpt = excerpt;
    this.unseen = 0;
    this.#source?.abort();
    this.#show(this.timeline.entries);
    this.#listen();
    if (!excerpt) this.#view.follow();
    this.#changed();
  }

  #listen() {
    const { timeline, room } = this;
    this.#source = new AbortController();
    const until = { signal: this.#source.signal };
    const on = (source, type, act) => source.addEventListener(type, ({ detail }) => act(detail.entries), until);
    on(timeline, "reset", (messages) => this.#restart(messages));
    on(timeline, "append", (messages) => this.#append(messages));
    on(timeline, "prepend", (messages) => this.#prepend(messages));
    on(room.timeline, "change", (entries) => this.#change(entries));
    if (timeline === room.timeline) return;
    on(room.timeline, "append", (messages) => this.#missed(messages));
    on(room.timeline, "reset", () => this.#begin(null));
  }

  #restart(messages) {
    this.#unread.restart();
    this.#show(messages);
  }

  #show(messages) {
    this.#messages.restart(messages);
    this.#unreadLine();
    this.#edges();
  }

  #append(messages) {
    const reading = this.#isReading();
    if (!reading) this.#unread.missed(messages);
    this.#messages.append(messages);
    if (!reading) this.#unreadLine();
    if (!this.#view.isFollowing()) this.unseen += messages.filter(isMessage).length;
    this.#edges();
    if (!this.#merge()) this.#look();
  }

  #prepend(messages) {
    this.#view.hold(() => {
      this.#messages.prepend(messages);
      this.#unreadLine();
      this.#edges();
    });
  }

  // An excerpt has messages of its own, which change as well.
  #change(entries) {
    if (this.#excerpt) this.timeline.apply(entries);
    const update = () => this.#messages.update(entries.flatMap(targetsOf));
    if (this.#view.isFollowing()) update();
    else this.#view.hold(update); // a row above the view may be higher now
  }

  #missed(messages) {
    this.unseen += messages.filter(isMessage).length;
    this.#changed();
  }

  // The excerpt has reached the room's timeline: the timeline takes its messages.
  #merge() {
    if (!this.#excerpt?.isContiguous) return false;
    const { timeline } = this.#excerpt;
    const live = this.room.timeline;
    const rest = live.entries.filter(({ seq }) => seq > timeline.high);
    this.#source.abort();
    live.prepend(timeline.entries.filter(({ seq }) => seq < live.low), timeline.hasOlder);
    this.#excerpt = null;
    this.#listen();
    this.#messages.append(rest);
    this.#changed();
    return true;
  }

  #newer() {
    this.#excerpt?.wantNewer();
  }

  #edges() {
    const { timeline } = this;
    this.#elements.older.hidden = !timeline.hasOlder;
    this.#elements.nothing.hidden = timeline.epoch === null || timeline.entries.some(isMessage);
  }

  // The room is complete: the line above what is unread comes into view.
  #showUnread() {
    const row = this.#unreadLine();
    const { scroller } = this.#elements;
    if (row && row.getBoundingClientRect().top < scroller.getBoundingClientRect().top) this.#view.show(row);
  }

  #unreadLine() {
    return this.#messages.unreadAfter(this.#unread.lineAfter);
  }

  #isReading() {
    return this.#unread.isReading(this.atNewest);
  }

  #look() {
    if (!this.room) return;
    if (this.#isReading()) {
      this.unseen = 0;
      this.#unread.readAll();
    }
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
