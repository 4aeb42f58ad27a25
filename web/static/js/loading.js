// Loading: handles what people type and send before the page's modules have loaded, which takes seconds on a slow line. It is not a
// module, so that it runs before a module can fail.

const AGAIN_AFTER = 2_000; // milliseconds

// What was sent meanwhile: {form, text}, in order. main.js sends it, and sets this to null.
window.early = [];

// The page reloads when a module failed to load. A browser tries each module only once: after a change of the network "Connecting…"
// would stay for ever. The second time the page says so instead, because the reason may be a permanent one, such as a filter.
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

// The page is left before its modules have loaded: what was typed becomes the room's draft (model/drafts.js).
window.addEventListener("pagehide", () => {
  const field = document.getElementById("message");
  if (window.early === null || !field) return;
  const { id, room } = document.getElementById("app").dataset;
  const key = `tertulia/${id}/draft/${room}`;
  const sent = window.early.filter(({ form }) => form === field.form.id).map(({ text }) => text);
  const written = [...sent, field.value].filter(Boolean);
  if (!written.length) return;
  try {
    const before = JSON.parse(sessionStorage.getItem(key) ?? localStorage.getItem(key));
    sessionStorage.setItem(key, JSON.stringify([before, ...written].filter(Boolean).join("\n")));
  } catch {} // the browser forbids storage
});

// The browser itself would send these forms by putting the text into the address.
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
