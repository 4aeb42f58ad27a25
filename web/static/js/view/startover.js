// Starting over: opens the page anew, as whoever the browser's cookie says now.

const KEY = "tertulia/started-over";
const ONCE_IN = 30_000; // milliseconds: without cookies, one is somebody else each time

// `storage` is the tab's, or null: without one nobody would know that it was done just now.
export function mayStartOver(storage) {
  return storage !== null && Date.now() - Number(storage.getItem(KEY)) >= ONCE_IN;
}

export function startOver(storage) {
  storage.setItem(KEY, Date.now());
  location.reload();
}
