// The frame: however often a thing is to be shown anew, it is once, before the browser paints next.

const AT_MOST = 200; // milliseconds; a page that is hidden has no frames, and its title counts what came all the same

export function oncePerFrame(show) {
  let due = false;
  const run = () => {
    if (!due) return;
    due = false;
    show();
  };
  return () => {
    if (due) return;
    due = true;
    requestAnimationFrame(run);
    setTimeout(run, AT_MOST);
  };
}
