// The viewport: stays at the newest message while the reader is there, and does not move when older messages are added above.

const NEAR = 80; // pixels from the end within which a reader is taken to follow

// `nearStart` and `nearEnd` are called while less than a window's height is left on that side, `moved` after every move.
export function viewport(element, { nearStart, nearEnd, moved }) {
  let following = true;

  // The browser calls this after layout and before it paints, so no message is ever seen in the wrong place; and also
  // when a phone's keyboard takes half of the window.
  const observer = new ResizeObserver(look);
  observer.observe(element);
  observer.observe(element.firstElementChild);

  element.addEventListener("scroll", () => {
    following = left() < NEAR;
    look();
  });

  function look() {
    if (following) element.scrollTop = element.scrollHeight;
    if (element.scrollTop < element.clientHeight) nearStart();
    if (left() < element.clientHeight) nearEnd();
    moved();
  }

  function left() {
    return element.scrollHeight - element.scrollTop - element.clientHeight;
  }

  // Make a change above what is being read. The lower edge of a row stays: a row above it may lose its author's name.
  function hold(change) {
    const row = rowInTheMiddle();
    const { bottom } = row.getBoundingClientRect();
    change();
    element.scrollTop += row.getBoundingClientRect().bottom - bottom;
  }

  // All that scrolls, if something else lies over it.
  function rowInTheMiddle() {
    const { left, top, width, height } = element.getBoundingClientRect();
    const row = document.elementFromPoint(left + width / 2, top + height / 2)?.closest("li");
    return element.contains(row ?? null) ? row : element.firstElementChild;
  }

  // What someone just wrote is always shown to them.
  function follow() {
    following = true;
    look();
  }

  // Bring a row a third of the way down, and stay there.
  function show(row) {
    following = false;
    const { top } = row.getBoundingClientRect();
    element.scrollTop += top - element.getBoundingClientRect().top - element.clientHeight / 3;
  }

  return { hold, follow, show, isFollowing: () => following };
}
