// The pages in front of the chat: signing in, moderating, and signing out once more.

import { keptForm } from "./doorway/keptform.js";

const ANSWER_WITHIN = 5_000; // milliseconds

const notice = document.getElementById("waiting");
keptForm({ form: document.querySelector("form"), notice, promise: notice.querySelector(".hint"), serves });

// A worker answers 503 while it cannot reach Redis.
async function serves() {
  try {
    return (await fetch("/health", { cache: "no-store", signal: AbortSignal.timeout(ANSWER_WITHIN) })).ok;
  } catch {
    return false;
  }
}
