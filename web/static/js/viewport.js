// The viewport: stays at the newest message while its reader is there, and stays put when older ones arrive above.

const NEAR = 80; // pixels from the end within which a reader is taken to follow

// `nearStart` is called while less than a window's height of older messages is left above.
export function viewport(element, nearStart) {
  let following = true;

  // The browser calls this after layout and before it paints, so no message is ever seen in the wrong place; and also
  // when a phone's keyboard takes half of the window.
  const observer = new ResizeObserver(look);
  observer.observe(element);
  observer.observe(element.firstElementChild);

  element.addEventListener("scroll", () => {
    following = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR;
    look();
  });

  function look() {
    if (following) element.scrollTop = element.scrollHeight;
    if (element.scrollTop < element.clientHeight) nearStart();
  }

  // Make a change above what is being read.
  function hold(change) {
    const toEnd = element.scrollHeight - element.scrollTop;
    change();
    element.scrollTop = element.scrollHeight - toEnd;
  }

  // What someone just wrote is always shown to them.
  function follow() {
    following = true;
    look();
  }

  return { hold, follow };
}
