// One official client, in Node: it does what tests/conformance/clients.py asks of every client, and prints what it got.
//
// node client.mjs FOLDER PACKAGE URL TRANSPORT…   FOLDER has the package in its node_modules

import { createRequire } from "node:module";

const [folder, name, url, ...transports] = process.argv.slice(2);
const { io } = createRequire(`${folder}/`)(name);
const socket = io(url, { transports, reconnection: false, auth: { token: "123" } });

const next = (event) => new Promise((resolve) => socket.once(event, (...data) => resolve(data)));
const bytes = (value) => (Buffer.isBuffer(value) || value instanceof ArrayBuffer ? [...new Uint8Array(value)] : value);
const plain = (data) => data.map(bytes);

socket.on("connect_error", (error) => {
  console.error(error);
  process.exit(1);
});
socket.on("ask", (question, answer) => answer(question, Buffer.from([7, 8])));

const auth = await next("auth");
if (transports.length > 1 && socket.io.engine.transport.name !== "websocket") {
  await new Promise((resolve) => socket.io.engine.once("upgrade", resolve));
}
socket.emit("message", 1, "ñ", { 3: [true] });
const text = await next("message-back");
socket.emit("message", Buffer.from([1, 2, 3]), { inside: Buffer.from([4]) });
const [whole, { inside }] = await next("message-back");
const acked = await new Promise((resolve) => socket.emit("message-with-ack", "a", (...data) => resolve(data)));
const ackedBytes = await new Promise((resolve) => socket.emit("message-with-ack", Buffer.from([5, 6]), (...data) => resolve(data)));
socket.emit("ask-me", "why");
const answered = await next("answered");

const transport = socket.io.engine.transport.name;
console.log(
  JSON.stringify({
    transport,
    auth,
    text,
    bytes: [bytes(whole), bytes(inside)],
    acked,
    acked_bytes: plain(ackedBytes),
    answered: plain(answered),
  }),
);
socket.disconnect();
