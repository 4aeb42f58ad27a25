// What was sent while the page's modules were on their way (see loading.js) is sent now, in order.

export function catchUp(writing, go) {
  const early = window.early ?? [];
  window.early = null; // from here on the forms' own handlers see to it
  const of = (name) => early.filter(({ form }) => form === name).map(({ text }) => text);
  writing.catchUp(of("form"));
  for (const name of of(go.id)) {
    go.elements.room.value = name;
    go.requestSubmit();
  }
}
