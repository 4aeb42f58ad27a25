// Starting over: opens the page anew, as whoever the browser's cookie says now.

const KEY = "tertulia/started-over";
const ONCE_IN = 30_000; // milliseconds: without cookies, one is somebody else each time

// Returns whether it does.
export function startOver() {
  const last = Number(sessionStorage.getItem(KEY));
  if (Date.now() - last < ONCE_IN) return false;
  sessionStorage.setItem(KEY, Date.now());
  location.reload();
  return true;
}
