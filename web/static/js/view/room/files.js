// Files: what brings and shows them is loaded once somebody attaches one, or a message has some (js/files/files.js).

const AGAIN_AFTER = 5_000; // milliseconds

// `button`, if there is one, lets one choose files; they may be dropped on `area`, too, or pasted into the `form`. `load()` resolves
// to what files() returns, or rejects while there is no network. `may()` returns whether the person may write here. `hold(change)`
// makes a change of rows during which the view keeps its position.
export function files({ button, area, form }, { load, may, hold }) {
  const unfilled = new Map(); // messages, by row
  let loading = null;
  let loaded = null;

  async function use(does) {
    loaded ??= await (loading ??= load().catch(() => null));
    if (loaded) does(loaded);
    else loading = null;
  }

  function add(event, { files }) {
    event.preventDefault();
    const chosen = [...files]; // the event's list is empty later
    if (may()) use(({ tray }) => tray.add(chosen));
  }

  // Shows a message's files in its row, or those of an entry of the outbox.
  function fill(row, message) {
    if (loaded) return loaded.fill(row, message);
    if (!message.files) return unfilled.delete(row);
    if (!unfilled.size) showAll();
    unfilled.set(row, message);
  }

  async function showAll() {
    await use(() => hold(() => unfilled.forEach((message, row) => loaded.fill(row, message))));
    if (loaded) unfilled.clear();
    else setTimeout(showAll, AGAIN_AFTER);
  }

  button?.addEventListener("click", () => use(() => loaded.choose()));
  form.addEventListener("paste", (event) => {
    // What is copied from a table has a picture of it as well.
    const { files, types } = event.clipboardData;
    if (files.length && !types.includes("text/plain")) add(event, { files });
  });
  for (const type of ["dragenter", "dragover", "drop"]) {
    area.addEventListener(type, (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      if (type === "drop") return add(event, event.dataTransfer);
      event.preventDefault();
      if (type === "dragenter" && may()) use(() => loaded.dropping());
    });
  }

  return {
    fill,
    // Loads all, for what is left of the last visit.
    begin: () => use(() => {}),
    // What has the files that wait for their message to be sent, once it is loaded.
    get tray() {
      return loaded?.tray;
    },
  };
}
