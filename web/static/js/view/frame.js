// Several calls to show something become one, before the browser paints next.

const AT_MOST = 200; // milliseconds; a hidden page has no animation frames, and its title still shows the unread count

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
