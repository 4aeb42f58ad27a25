// The chat's wire contract, as far as the benchmark needs it, on Node's socket.io set up as its documentation
// says (https://socket.io/docs/v4/redis-adapter/): one process, and broadcasts to the others through Redis. With
// RECOVERY set, with connection state recovery (https://socket.io/docs/v4/connection-state-recovery), for which of
// the adapters for Redis only that for streams will do.

import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

import { createAdapter } from "@socket.io/redis-adapter";
import { createAdapter as createStreamsAdapter } from "@socket.io/redis-streams-adapter";
import { createClient } from "redis";
import { Server } from "socket.io";

const url = new URL(process.env.REDIS_URL);
url.password = readFileSync(process.env.REDIS_PASSWORD_FILE, "utf8").trim(); // one beside a URL with a user is ignored
const publisher = createClient({ url: url.href });
await publisher.connect();

async function adapter() {
  if (process.env.RECOVERY) return { adapter: createStreamsAdapter(publisher), connectionStateRecovery: {} };
  const subscriber = publisher.duplicate();
  await subscriber.connect();
  return { adapter: createAdapter(publisher, subscriber) };
}

const http = createServer((request, response) => {
  response.writeHead(request.url === "/health" ? 200 : 404).end();
});
const io = new Server(http, {
  path: "/sio/socket.io",
  serveClient: false,
  ...(await adapter()),
});
let seq = 0;

io.on("connection", (socket) => {
  const author = { id: randomUUID(), name: "Guest" };
  socket.join("lobby");

  socket.on("join", ({ room }, ack) => {
    socket.join(room);
    ack({ ok: true, room });
  });

  socket.on("message", (text, { room = "lobby", id = randomUUID() } = {}, ack) => {
    const about = { room, id, seq: ++seq, at: Date.now(), author };
    io.to(room).emit("response", text, about);
    ack({ ok: true, id, room, seq, at: about.at });
  });
});

http.listen(8000, "0.0.0.0");
process.on("SIGTERM", () => process.exit(0));
