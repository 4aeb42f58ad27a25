// The connection to the chat. More events: those that the server sends (EVENTS), as it sends them.

import { Connection as LogConnection } from "../relay/connection.js";

const EVENTS = ["presence", "typing", "rules", "muted", "purged", "invited", "removed", "described", "erased", "read", "level"];
const BANNED_REST = 30_000; // milliseconds; a moderator may lift the ban

export class Connection extends LogConnection {
  constructor(socket, backoff) {
    super(socket, backoff);
    socket.on("response", (text, about) => this.dispatch("entry", { text, ...about }));
    for (const event of EVENTS) socket.on(event, (about) => this.dispatch(event, about));
    this.addEventListener("up", () => console.log("Connected!"));
    this.addEventListener("down", () => console.log("Lost connection to the server."));
  }

  restAfter(refusal) {
    return refusal?.error === "banned" ? BANNED_REST : 0;
  }
}
