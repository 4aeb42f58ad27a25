// Opening without a network: puts the page and its files, as they are now, into the cache of the service worker. The page is kept
// in the language in which it was opened last.

import { pathOf, LOBBY } from "../text/routes.js";

const PAGE = pathOf(LOBBY); // the same page shows any room, by its address

// With Trusted Types, the address of a script has to be more than a string. The Content-Security-Policy allows this one policy.
function trusted(address) {
  const policy = window.trustedTypes?.createPolicy("service-worker", { createScriptURL: (text) => text });
  return policy?.createScriptURL(address) ?? address;
}

// `files` is the path of this release's files, /static/<version>/.
export async function keepForOffline(files) {
  // Browsers have service workers only on https and on localhost. Elsewhere the page needs a network to open.
  if (!("serviceWorker" in navigator)) return;
  await navigator.serviceWorker.register(trusted("/service-worker.js"));
  const cache = await caches.open(files);
  await cache.addAll([PAGE]);
  // From the browser's HTTP cache: these are the files that this page uses, and nothing is downloaded twice.
  await cache.addAll(loadedBelow(files).map((path) => new Request(path, { cache: "force-cache" })));
  // The page of another release names files that are no longer served.
  const others = (await caches.keys()).filter((name) => name !== files);
  await Promise.all(others.map((name) => caches.delete(name)));
}

// The person signs out, and the page has their name in it.
export async function forgetOffline() {
  if ("caches" in window) await Promise.all((await caches.keys()).map((name) => caches.delete(name)));
}

function loadedBelow(files) {
  const loaded = performance.getEntriesByType("resource").map((entry) => new URL(entry.name).pathname);
  return [...new Set(loaded.filter((path) => path.startsWith(files) || path.startsWith("/socket.io/")))];
}
