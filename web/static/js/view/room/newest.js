// The button that leads to the newest message, with how many came meanwhile.

export function newestButton(button, words, go) {
  button.addEventListener("click", go);

  function show(atNewest, unseen) {
    const text = unseen ? words.unseen(unseen) : words.newest;
    if (button.hidden !== atNewest) button.hidden = atNewest;
    if (button.textContent !== text) button.textContent = text;
  }

  return { show };
}
