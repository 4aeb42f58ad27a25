// Copying: several selected messages are copied with authors, times and texts. A selection in a single message is copied by the
// browser itself.

// `textOf(seq)` returns a message's text as it was typed.
export function copying(log, textOf) {
  // Wherever the selection begins: all of the page, or above the first message. Fields have selections of their own.
  document.addEventListener("copy", (event) => {
    const selection = document.getSelection();
    if (selection.isCollapsed || event.target.closest?.("input, textarea")) return;
    const range = selection.getRangeAt(0);
    const rows = [...log.querySelectorAll(".message")].filter((row) => range.intersectsNode(row.querySelector(".text")));
    if (rows.length < 2) return;
    event.preventDefault();
    event.clipboardData.setData("text/plain", rows.map((row) => said(row, selection, range)).join("\n\n"));
  });

  function said(row, selection, range) {
    const [author, time, text] = [".author", "time", ".text"].map((each) => row.querySelector(each));
    const whole = selection.containsNode(text, false) && textOf(Number(row.dataset.seq));
    return `${author.textContent}, ${time.textContent}\n${whole || selectedIn(text, range)}`;
  }
}

// As much of an element's text as is selected.
function selectedIn(element, { startContainer, startOffset, endContainer, endOffset }) {
  const part = document.createRange();
  part.selectNodeContents(element);
  if (part.isPointInRange(startContainer, startOffset)) part.setStart(startContainer, startOffset);
  if (part.isPointInRange(endContainer, endOffset)) part.setEnd(endContainer, endOffset);
  const copy = part.cloneContents();
  for (const block of copy.querySelectorAll("pre")) block.append("\n"); // what follows begins a line, as it is seen
  return copy.textContent.trimEnd();
}
