// The service worker: opens the page when the network or the server does not answer. It never handles the chat's own traffic.
//
// js/model/offline.js fills its cache, with the files of the release that was opened last.

const PATIENCE = 5_000; // milliseconds without an answer, after which the page opens from the cache

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  const ours = origin === location.origin && (pathname.startsWith("/static/") || pathname.startsWith("/socket.io/"));
  const page = request.mode === "navigate" && isRoom(pathname);
  if (request.method !== "GET" || !(page || ours)) return;
  event.respondWith(answer(request, pathname, page ? "/" : request)); // one page is in the cache, and shows any room
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
  const page = pages.find(({ url }) => isRoom(new URL(url).pathname)); // the sign-in page cannot show a room
  if (!page) return self.clients.openWindow(path);
  await page.focus();
  page.postMessage({ visit: path });
}

async function answer(request, pathname, keptAs) {
  // Also when the browser prefers another language by now: the page opens in the language of the last time.
  const kept = await caches.match(keptAs, { ignoreSearch: true, ignoreVary: true });
  if (!kept) return fetch(request);
  // A file never changes: its path has a version.
  if (pathname.startsWith("/static/")) return kept;
  const network = fetch(request).catch(() => kept);
  const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE, kept));
  const fresh = await Promise.race([network, patience]);
  return fresh.status < 500 ? fresh : kept;
}
