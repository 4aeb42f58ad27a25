// A person's name on the page is a button that opens the dialog about them. One's own name is only a name.

// Puts an element of the same class that does nothing in the button's place.
export function inert(button) {
  const name = document.createElement("bdi");
  name.className = button.className;
  button.replaceWith(name);
}
