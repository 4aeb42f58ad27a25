// The state of the connection, where everyone can see it.

export function statusLine(element, words) {
  function show(state) {
    if (element.dataset.state === state) return;
    element.dataset.state = state;
    element.textContent = words[state];
  }

  return { show };
}
