// Acting on messages: what one does with them is loaded once somebody points at a message, focuses one, or wants to change the last
// one (js/actions/actions.js).

// `load()` resolves to what actions() returns, or rejects while there is no network. Returns a function that loads them.
export function acting(log, field, load) {
  let loading = null;

  async function act(does) {
    const actions = await (loading ??= load().catch(() => null));
    if (actions) does(actions);
    else loading = null;
  }

  const onRow = ({ type, target, pointerType = "" }) => {
    const row = target.closest(".message");
    if (row) act((actions) => actions.approach(row, target.closest(".reaction"), type === "pointerover" ? pointerType : "key"));
  };
  log.addEventListener("pointerover", onRow);
  log.addEventListener("focusin", onRow);
  log.addEventListener("click", ({ target }) => {
    const button = target.closest(".message > .act");
    if (button) act((actions) => actions.open(button.closest(".message")));
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowUp" || field.value || event.isComposing) return;
    event.preventDefault();
    act((actions) => actions.editLast());
  });

  return () => act(() => {});
}
