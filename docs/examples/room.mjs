// A room on the command line: shows it complete, and appends each line of its input.

import { createInterface } from "node:readline";
import { io } from "socket.io-client";
import { Client } from "./relay/client.js";

const [url, name] = process.argv.slice(2);
const client = new Client(io(url, { autoConnect: false, reconnection: false }));

const room = client.join(name, {
  show(entries, reset) {
    if (reset) console.log("--");
    for (const { seq, data } of entries) console.log(seq, JSON.stringify(data));
  },
  refused({ error, detail }, entry) {
    console.error("refused:", error, detail, entry);
  },
});

const answers = [];
for await (const line of createInterface({ input: process.stdin })) answers.push(room.append(line));
await Promise.all(answers);
client.close();
