// The banner: shows the status in words. Short changes are not shown, so that it can be read and listened to.

const SETTLED = 500; // milliseconds that a state must last to be shown; "live" is shown at once

export function banner(element, words) {
  const [state, reason, next] = ["state", "reason", "next"].map((name) => element.querySelector(`.${name}`));
  let wanted = null;
  let timer = null;
  let ticking = null;

  // `status` as statusOf gives it, `nextTry` in milliseconds since 1970 or null.
  function show(status, nextTry) {
    countDown(nextTry);
    const key = `${status.state} ${status.reason}`;
    if (key === wanted) return;
    wanted = key;
    clearTimeout(timer);
    timer = setTimeout(() => write(status), status.state === "live" ? 0 : SETTLED);
  }

  function write(status) {
    element.dataset.state = status.state;
    state.textContent = words.status[status.state];
    reason.textContent = status.refusal ? words.refusal(status.refusal) : (words.reason[status.reason ?? status.state] ?? "");
  }

  // Not read aloud, because it changes every second: it is outside the live region.
  function countDown(nextTry) {
    clearInterval(ticking);
    next.textContent = "";
    if (nextTry === null) return;
    const tick = () => (next.textContent = words.nextTry(Math.max(1, Math.ceil((nextTry - Date.now()) / 1000))));
    tick();
    ticking = setInterval(tick, 1000);
  }

  return { show };
}
