// The status line: collects the facts about the connection, and shows the status that follows from them.

import { statusOf } from "../model/status.js";

// Problems of the sender that are the server's.
const TROUBLE = ["full", "unavailable", "unanswered"];

// `room()` is the one that is looked at, `senderOf(name)` a room's; `banner` as the module of that name makes it.
export function statusLine({ connection, tabs, room, senderOf, banner }) {
  let wasConnected = false;
  let crowded = false;

  function show() {
    const { connected, moving, refusal, nextTry } = connection;
    wasConnected ||= connected;
    const shown = room();
    const sender = senderOf(shown?.name)?.problem;
    const missing = shown?.missing ?? false; // which view/room/missing.js says
    const problem = (missing ? null : shown?.problem) ?? (TROUBLE.includes(sender) ? { error: sender } : null);
    const live = missing || (shown?.live ?? false);
    const facts = { connected, wasConnected, moving, online: navigator.onLine, refusal, live, problem, crowded };
    banner.show(statusOf(facts), nextTry);
  }

  for (const change of ["online", "offline"]) window.addEventListener(change, show);
  connection.addEventListener("change", async () => {
    show();
    if (connection.connected || connection.nextTry === null) return;
    crowded = await tabs.areTooMany();
    show();
  });

  return { show };
}
