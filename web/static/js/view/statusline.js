// The line of the status: asks all who know of the connection, and has shown what may honestly be said of it.

import { statusOf } from "../model/status.js";

// What keeps a message back, and is the server's trouble.
const TROUBLE = ["full", "unavailable", "unanswered"];

// `room()` is the one that is looked at, `courierOf(name)` a room's; `banner` as the module of that name makes it.
export function statusLine({ connection, tabs, room, courierOf, banner }) {
  let wasConnected = false;
  let crowded = false;

  function show() {
    const { connected, moving, refusal, nextTry } = connection;
    wasConnected ||= connected;
    const shown = room();
    const courier = courierOf(shown?.name)?.problem;
    const problem = shown?.problem ?? (TROUBLE.includes(courier) ? { error: courier } : null);
    const facts = { connected, wasConnected, moving, online: navigator.onLine, refusal, live: shown?.live ?? false, problem, crowded };
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
