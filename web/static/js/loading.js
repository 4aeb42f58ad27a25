// Loading: what has to be there before the page's modules, which are on their way for seconds on a slow line. Not a module
// itself, so that it is there before the first of them can fail.

const AGAIN_AFTER = 2_000; // milliseconds

// What was sent meanwhile, for main.js to catch up with: {form, text}, in order. Null once it has.
window.early = [];

// The page opens again when the network broke while its modules were on their way. A browser tries each only once (a laptop
// that changes its network is enough), and would leave "Connecting…" standing for ever. The second time it says so instead:
// what stops one of them may stay (a filter that knows it by its name is enough).
document.addEventListener(
  "error",
  ({ target }) => {
    if (!target.matches("script[type=module]")) return;
    const [{ type } = {}] = performance.getEntriesByType("navigation");
    if (type === "reload") document.getElementById("stuck").style.animation = "none";
    else setTimeout(() => location.reload(), AGAIN_AFTER);
  },
  true, // the error of a script does not bubble
);

// Before its modules came, the page goes: what was written in it is the draft with which the room opens next (model/drafts.js).
window.addEventListener("pagehide", () => {
  const field = document.getElementById("message");
  if (window.early === null || !field) return;
  const key = `tertulia/${document.getElementById("app").dataset.id}/draft/${document.getElementById("place").textContent}`;
  const sent = window.early.filter(({ form }) => form === field.form.id).map(({ text }) => text);
  const written = [...sent, field.value].filter(Boolean);
  if (!written.length) return;
  try {
    const before = JSON.parse(sessionStorage.getItem(key) ?? localStorage.getItem(key));
    sessionStorage.setItem(key, JSON.stringify([before, ...written].filter(Boolean).join("\n")));
  } catch {} // where nothing may be kept
});

// The browser's own way to send these forms would put what was written into the address.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (window.early === null || form.method === "post") return;
  event.preventDefault();
  const field = form.querySelector("input, textarea");
  if (field.value.trim()) window.early.push({ form: form.id, text: field.value });
  field.value = "";
});

document.addEventListener("keydown", (event) => {
  if (window.early === null || event.target.id !== "message") return;
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  event.target.form.requestSubmit();
});
