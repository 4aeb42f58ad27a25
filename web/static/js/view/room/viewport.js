// The viewport: stays at the newest message while the reader is there, and does not move when older messages are added above.

const NEAR = 80; // pixels from the end within which the reader counts as being at the newest message

// `nearStart` and `nearEnd` are called while less than a window's height is left on that side, `moved` after every move.
export function viewport(element, { nearStart, nearEnd, moved }) {
  let following = true;

  // The browser calls this between layout and paint, so messages never appear in the wrong place. It also calls it when a phone's
  // keyboard takes half of the window.
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

  // Make a change above the view. The lower edge of a row keeps its position; a row above it may lose its author's name.
  function hold(change) {
    const row = rowInTheMiddle();
    const { bottom } = row.getBoundingClientRect();
    change();
    element.scrollTop += row.getBoundingClientRect().bottom - bottom;
  }

  // The row in the middle, or everything that scrolls if something else covers it.
  function rowInTheMiddle() {
    const { left, top, width, height } = element.getBoundingClientRect();
    const row = document.elementFromPoint(left + width / 2, top + height / 2)?.closest("li");
    return element.contains(row ?? null) ? row : element.firstElementChild;
  }

  // Go to the newest message. It is always shown to a person who has just written.
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
