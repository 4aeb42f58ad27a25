// The composition root: finds the elements, and ties the connection to what is seen.

import { io } from "/socket.io/socket.io.esm.min.js";
import { connect } from "./connection.js";
import { composer } from "./composer.js";
import { newId } from "./ids.js";
import { messageList } from "./messages.js";
import { statusLine } from "./status.js";
import { words } from "./words.js";

const element = (id) => document.getElementById(id);
const room = document.querySelector("[data-room]").dataset.room;

const status = statusLine(element("status"), words);
const messages = messageList(element("messages"), element("message-template"), element("conversation"));
const connection = connect(io, room, { state: status.show, message: messages.add });

composer(element("form"), element("notice"), async (text) => {
  const id = newId();
  messages.expect(id);
  return connection.send(text, id);
});
