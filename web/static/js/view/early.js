// Sends what people sent before the page's modules had loaded (see loading.js), in order.

export function catchUp(writing, go) {
  const early = window.early ?? [];
  window.early = null; // from now on the forms have handlers of their own
  const of = (name) => early.filter(({ form }) => form === name).map(({ text }) => text);
  writing.catchUp(of("form"));
  for (const name of of(go.id)) {
    go.elements.room.value = name;
    go.requestSubmit();
  }
}
