// Opening without a network: keeps the page and its files, as they are now, where the service worker finds them.

import { pathOf, LOBBY } from "../text/routes.js";

const VERSION = new URL("../..", import.meta.url).pathname; // /static/<version>/
const PAGE = pathOf(LOBBY); // it becomes whatever room its address names

// To a browser that knows Trusted Types an address of code is no mere text; the headers allow this one policy.
function trusted(address) {
  const policy = window.trustedTypes?.createPolicy("service-worker", { createScriptURL: (text) => text });
  return policy?.createScriptURL(address) ?? address;
}

export async function keepForOffline() {
  // Browsers have service workers only on https and on this very machine; elsewhere the outbox still waits for next time.
  if (!("serviceWorker" in navigator)) return;
  await navigator.serviceWorker.register(trusted("/service-worker.js"));
  const cache = await caches.open(VERSION);
  await cache.addAll([PAGE]);
  // From the browser's own cache: exactly what this page was made of, and nothing is fetched twice.
  await cache.addAll(ourFiles().map((path) => new Request(path, { cache: "force-cache" })));
  // A page of another release names files that are about to go; so it goes too.
  const others = (await caches.keys()).filter((name) => name !== VERSION);
  await Promise.all(others.map((name) => caches.delete(name)));
}

// The page names a person, who is signing out.
export async function forgetOffline() {
  if ("caches" in window) await Promise.all((await caches.keys()).map((name) => caches.delete(name)));
}

function ourFiles() {
  const loaded = performance.getEntriesByType("resource").map((entry) => new URL(entry.name).pathname);
  const files = loaded.filter((path) => path.startsWith(VERSION) || path.startsWith("/socket.io/"));
  return [...new Set(files)];
}
