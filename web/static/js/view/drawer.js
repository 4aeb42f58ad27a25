// The drawer: in a narrow window the side lies over the room, and closes when it loses the focus.

export function drawer({ side, room, open, close }) {
  function turn(isOpen) {
    side.classList.toggle("open", isOpen);
    open.setAttribute("aria-expanded", isOpen);
  }

  function end() {
    turn(false);
    open.focus();
  }

  open.addEventListener("click", () => {
    turn(true);
    close.focus();
  });
  close.addEventListener("click", end);
  side.addEventListener("keydown", ({ key }) => key === "Escape" && side.classList.contains("open") && end());
  // The dark layer over the room belongs to the room (css/layout.css), so a click on it is a click on the room.
  room.addEventListener("click", ({ target }) => target === room && turn(false));
  side.addEventListener("focusout", ({ relatedTarget: to }) => to && !side.contains(to) && turn(false));

  return { close: () => turn(false) };
}
