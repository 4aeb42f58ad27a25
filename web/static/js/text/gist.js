// The gist of a message: its text as it is seen, or in a few words what it has instead. Undefined of a message that is not there any more.

import { seen } from "./markup.js";

// `words` are those of the page.
export function gistOf({ text, mentions, files = [] }, words) {
  if (text || !files.length) return text && seen(text, mentions);
  if (files.every(({ width }) => width)) return words.files.pictures(files.length);
  return files.length === 1 ? files[0].name : words.files.several(files.length);
}
