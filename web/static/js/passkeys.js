// The sections of pages about passkeys: one's own (/you), and coming back with one (/sign-in).

import { Ceremonies, known } from "./doorway/passkey.js";

const ceremonies = new Ceremonies({ credentials: navigator.credentials, post });

if (known(window)) {
  for (const section of document.querySelectorAll(".passkey")) {
    section.hidden = false;
    section.closest(".passkeys")?.removeAttribute("hidden");
    const button = section.querySelector("button");
    button.addEventListener("click", () => press(section, button));
  }
}

async function press(section, button) {
  const { make, ask, next, instead } = section.dataset;
  const code = document.getElementById("code");
  if (button.ariaDisabled === "true") return;
  button.ariaDisabled = "true"; // not `disabled`: it keeps the focus
  say(section, { name: "waits" });
  const ended = make ? await ceremonies.make(make) : await ceremonies.show(ask, { next, instead, code: code?.value ?? "" });
  button.ariaDisabled = null;
  if (!ended.done) {
    say(section, ended);
    if (ended.error === "code_needed" || ended.error === "wrong_code") code?.focus();
  } else if (make) {
    location.reload();
  } else {
    location.replace(ended.done.next);
  }
}

// `detail` is the server's sentence; others are the page's, by their names. Only what went wrong looks so.
function say(section, { name, detail }) {
  const line = section.querySelector("[role=status]");
  line.className = detail || !["waits", "cancelled", "there"].includes(name) ? "why" : "hint";
  line.textContent = detail ?? section.dataset[name];
}

function post(path, fields) {
  return fetch(path, { method: "POST", body: new URLSearchParams(fields), redirect: "error" });
}
