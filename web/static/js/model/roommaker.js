// The room maker: asks the server for a private or a direct room.

import { newId } from "../relay/ids.js";

export class RoomMaker {
  #connection;
  #rooms;
  #made = {}; // {asked, id} of the room that is being made

  constructor(connection, rooms) {
    this.#connection = connection;
    this.#rooms = rooms;
  }

  // Makes a room, {kind: "private", title, topic?} or {kind: "direct", people}. Resolves to the server's answer. Asked for the same
  // again, because an answer did not come, the server makes no second one.
  async make(about) {
    const asked = JSON.stringify(about);
    if (this.#made.asked !== asked) this.#made = { asked, id: newId() };
    const answer = await this.#connection.ask("create", { ...about, id: this.#made.id });
    if (!answer.ok) return answer;
    this.#made = {};
    this.#rooms.enter(answer.room, answer.about);
    return answer;
  }
}
