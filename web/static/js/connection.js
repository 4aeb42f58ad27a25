// The connection: Socket.IO's events in, plain calls out. Knows nothing of the page.

import { words } from "./words.js";

const ANSWER_WITHIN = 10_000; // milliseconds

// `on.state` is told "connected" or "lost", `on.message` each {text, id, at, author} of this room.
export function connect(io, room, on) {
  const socket = io({ path: "/sio/socket.io" });

  socket.on("connect", () => {
    console.log("Connected!");
    on.state("connected");
  });
  socket.on("disconnect", () => {
    console.log("Lost connection to the server.");
    on.state("lost");
  });
  socket.on("connect_error", () => on.state("lost"));
  socket.on("response", (text, about) => {
    if (about.room === room) on.message({ text, ...about });
  });

  // Resolves to the server's answer, {ok: true, …} or {ok: false, error, detail}; never rejects.
  async function send(text, id) {
    try {
      return await socket.timeout(ANSWER_WITHIN).emitWithAck("message", text, { room, id });
    } catch {
      return { ok: false, error: "unavailable", detail: words.noAnswer };
    }
  }

  return { send };
}
