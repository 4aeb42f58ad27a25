// A kept form: it is sent when the chat can serve. Until then it stays as it was typed, and waits.
//
// A form that is sent to a chat that cannot serve is answered with another page, on which a typed code is lost.

import { Backoff } from "../relay/backoff.js";
import { RetryLoop } from "../relay/retryloop.js";

// `notice` says that the form waits, `promise` in it that it is sent by itself. `serves()` resolves to whether the chat can serve.
export function keptForm({ form, notice, promise, serves }) {
  const backoff = new Backoff({ first: 2_000, most: 30_000 });
  const loop = new RetryLoop(step);
  let wanted = false;

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    wanted = true;
    loop.hurry();
  });
  // What is typed now is another wish: it is sent when the person says so.
  form.addEventListener("input", () => {
    wanted = false;
    promise.hidden = true;
  });
  // The server could not take it. A form that lacks something waits for the person.
  if (!notice.hidden && form.checkValidity()) {
    wanted = true;
    setTimeout(() => loop.start(), wait());
  }

  async function step() {
    if (!wanted) return null;
    const served = await serves();
    if (!wanted) return null;
    if (!served) return wait();
    wanted = false;
    form.submit();
    return null;
  }

  // Returns for how many milliseconds.
  function wait() {
    notice.hidden = false;
    promise.hidden = false;
    return backoff.next();
  }
}
