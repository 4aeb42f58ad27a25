// One official client, in Node, that is refused: it does then what the document of relay says, until it is let in.
//
// node refused.mjs FOLDER PACKAGE URL HANDLER   HANDLER is the document's code, which knows a `socket`

import { createRequire } from "node:module";

const [folder, name, url, handler] = process.argv.slice(2);
const { io } = createRequire(`${folder}/`)(name);
const socket = io(url, { transports: ["websocket"] });

new Function("socket", handler)(socket);
socket.on("connect", () => {
  console.log("let in");
  socket.disconnect();
});
