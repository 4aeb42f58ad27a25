// The drawer: on a narrow window the side lies over the room, for as long as it is used.

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
  // What darkens the room is the room's own (css/layout.css).
  room.addEventListener("click", ({ target }) => target === room && turn(false));
  side.addEventListener("focusout", ({ relatedTarget: to }) => to && !side.contains(to) && turn(false));

  return { close: () => turn(false) };
}
