// Copying: gives back what was typed. Several selected messages are copied with authors and times, and so is one whose author is
// selected.

// `textOf(seq)` returns a message's text as it was typed.
export function copying(log, textOf) {
  // Wherever the selection begins: all of the page, or above the first message. Fields have selections of their own.
  document.addEventListener("copy", (event) => {
    const selection = document.getSelection();
    if (selection.isCollapsed || event.target.closest?.("input, textarea")) return;
    const range = selection.getRangeAt(0);
    const rows = [...log.querySelectorAll(".message")].filter((row) => range.intersectsNode(row.querySelector(".text")));
    const isAlone = rows.length === 1 && !range.intersectsNode(rows[0].querySelector(".author"));
    const copied = rows.map((row) => (isAlone ? "" : bylineOf(row)) + textIn(row, selection, range)).join("\n\n");
    if (!copied) return; // the browser copies what is no message
    event.preventDefault();
    event.clipboardData.setData("text/plain", copied);
  });

  function textIn(row, selection, range) {
    const text = row.querySelector(".text");
    const whole = selection.containsNode(text, false) && textOf(Number(row.dataset.seq));
    return whole || selectedIn(text, range);
  }
}

function bylineOf(row) {
  const [author, time] = [".author", "time"].map((each) => row.querySelector(each).textContent);
  return `${author}, ${time}\n`;
}

// As much of an element's text as is selected, with marks, so that it looks the same once it is sent again. What lies in one
// part alone, such as the lines of a block of code, is copied as it is seen.
function selectedIn(element, { startContainer, startOffset, endContainer, endOffset }) {
  const part = document.createRange();
  part.selectNodeContents(element);
  if (part.isPointInRange(startContainer, startOffset)) part.setStart(startContainer, startOffset);
  if (part.isPointInRange(endContainer, endOffset)) part.setEnd(endContainer, endOffset);
  let copy = part.cloneContents();
  const holdsAll = (child) => child.textContent === copy.textContent;
  for (let child = copy; child; child = [...copy.children].find(holdsAll)) copy = child;
  return typedIn(copy).trimEnd();
}

function typedIn(node) {
  return [...node.childNodes].map((child) => child.data ?? typed(child)).join("");
}

// What an element of prose.js was made of.
function typed(element) {
  const { before = "", each = "", after = "" } = element.dataset;
  return before + typedIn(element).replaceAll("\n", `\n${each}`) + after;
}
