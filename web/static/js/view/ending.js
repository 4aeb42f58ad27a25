// The end of a person's session: they sign out, here or in another tab, or have to sign in again. What the browser keeps for
// them is deleted. If something was not sent, they are asked first.

import { farewell } from "./farewell.js";
import { forgetFiles } from "../model/filestore.js";
import { gistOf } from "../text/gist.js";
import { forgetOffline } from "../model/offline.js";
import { mayStartOver, startOver } from "./startover.js";

// `elements`: the form that signs out, and the farewell dialog. `storage` is the tab's, or null; `signIn()` returns the path
// of the sign-in page.
export function ending({ elements: { signOut, dialog }, me, connection, rooms, outbox, changes, drafts, store, storage, signIn, words }) {
  const leaving = farewell({ dialog, storage, gist: (each) => gistOf(each, words), unsent: () => [...outbox.unsent, ...changes.unsent, ...drafts.all] });

  // Whoever signs in here next is a new person, even under the same name.
  signOut.addEventListener("submit", (event) => {
    const unsent = outbox.unsent.length + changes.unsent.length;
    if (unsent && !confirm(words.unsent(unsent))) event.preventDefault();
    else forget();
  });

  rooms.addEventListener("personchange", (event) => {
    if (!mayStartOver(storage)) return;
    event.preventDefault();
    leaving.before(() => {
      forget();
      startOver(storage);
    });
  });

  connection.addEventListener("change", () => {
    const { error, reason } = connection.refusal ?? {};
    if (!["code_needed", "signed_out"].includes(error) && reason !== "invitation_needed") return;
    leaving.before(() => {
      forget(); // this person's id is never used again
      location.assign(signIn());
    });
  });

  function forget() {
    store.clear();
    drafts.clear();
    forgetFiles(me.id);
    forgetOffline().catch(() => {}); // a browser that forbids the cache has nothing in it
  }
}
