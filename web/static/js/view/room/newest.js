// The button that goes to the newest message, with the number of new ones.

export function newestButton(button, words, go) {
  button.addEventListener("click", go);

  function show(atNewest, unseen) {
    const text = unseen ? words.unseen(unseen) : words.newest;
    if (button.hidden !== atNewest) button.hidden = atNewest;
    if (button.textContent !== text) button.textContent = text;
  }

  return { show };
}
