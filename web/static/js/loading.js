// Loading: opens the page again when the network broke while its modules were on their way. A browser tries each only
// once (a laptop that changes its network is enough), and would leave "Connecting…" standing for ever.
// Not a module itself, so that it is there before the first of them can fail.

const AGAIN_AFTER = 2_000; // milliseconds

document.addEventListener(
  "error",
  ({ target }) => {
    if (target.matches("script[type=module]")) setTimeout(() => location.reload(), AGAIN_AFTER);
  },
  true, // the error of a script does not bubble
);
