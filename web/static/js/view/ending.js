// The ending: this page's person signs out, here or in another tab, or has to come in again. Nobody's words are left to whoever
// comes next, and nobody loses them without having been asked.

import { farewell } from "./farewell.js";
import { forgetOffline } from "../model/offline.js";
import { mayStartOver, startOver } from "./startover.js";

// `elements`: the form that signs out, and the dialog of the farewell. `storage` is the tab's, or null; `signIn()` the path where
// one comes in again.
export function ending({ elements: { signOut, dialog }, connection, rooms, outbox, drafts, store, storage, signIn, words }) {
  const leaving = farewell({ dialog, storage, unsent: () => [...outbox.unsent, ...drafts.all] });

  // Whoever comes in here next is somebody else, also under the same name.
  signOut.addEventListener("submit", (event) => {
    if (outbox.unsent.length && !confirm(words.unsent(outbox.unsent.length))) event.preventDefault();
    else forget();
  });

  rooms.addEventListener("stranger", (event) => {
    if (!mayStartOver(storage)) return;
    event.preventDefault();
    leaving.before(() => {
      forget();
      startOver(storage);
    });
  });

  connection.addEventListener("change", () => {
    if (!["code_needed", "signed_out"].includes(connection.refusal?.error)) return;
    leaving.before(() => {
      forget(); // nobody comes back under this id
      location.assign(signIn());
    });
  });

  function forget() {
    store.clear();
    drafts.clear();
    forgetOffline().catch(() => {}); // where nothing may be kept, nothing was
  }
}
