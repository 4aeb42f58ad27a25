// Starting over: reloads the page, as the person of the browser's present cookie.

const KEY = "tertulia/started-over";
const ONCE_IN = 30_000; // milliseconds; in a browser without cookies every load makes a new person

// `storage` is the tab's, or null. Without one the page would not know that it has just been reloaded, so it is not.
export function mayStartOver(storage) {
  return storage !== null && Date.now() - Number(storage.getItem(KEY)) >= ONCE_IN;
}

export function startOver(storage) {
  storage.setItem(KEY, Date.now());
  location.reload();
}
