// The service worker: opens the page when the network or the server does not answer. Never touches the chat's own traffic.
//
// It keeps nothing itself; js/model/offline.js does, for the release whose page was opened last.

const PATIENCE = 5_000; // milliseconds until a network that says nothing counts as none

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  const ours = origin === location.origin && (pathname.startsWith("/static/") || pathname.startsWith("/socket.io/"));
  const page = request.mode === "navigate" && isRoom(pathname);
  if (request.method !== "GET" || !(page || ours)) return;
  event.respondWith(answer(request, pathname, page ? "/" : request)); // one page is kept; it becomes any room's
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(visit(event.notification.data));
});

function isRoom(pathname) {
  return pathname === "/" || pathname.startsWith("/rooms/");
}

// In the page that is open, or in a new one.
async function visit(path) {
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const page = pages.find(({ url }) => isRoom(new URL(url).pathname)); // the sign-in page would not go there
  if (!page) return self.clients.openWindow(path);
  await page.focus();
  page.postMessage({ visit: path });
}

async function answer(request, pathname, keptAs) {
  // Whatever the browser's language was: without a network the page opens in that of the last time.
  const kept = await caches.match(keptAs, { ignoreSearch: true, ignoreVary: true });
  if (!kept) return fetch(request);
  // The version in the path says that the file never changes.
  if (pathname.startsWith("/static/")) return kept;
  const network = fetch(request).catch(() => kept);
  const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE, kept));
  const fresh = await Promise.race([network, patience]);
  return fresh.status < 500 ? fresh : kept;
}
