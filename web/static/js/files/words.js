// The words about files, in the page's language (static/words has a file for each). They come with what needs them: a first visit
// reads the page twice, to show it and to keep it for when there is no network.

import { spoken } from "../text/words.js";

// `files` is the path of this release's files. What refusals of files say, `words.refusal` knows from then on.
export async function wordsOfFiles(words, files) {
  const { lang } = document.documentElement;
  const answer = await fetch(`${files}words/files.${lang}.json`);
  const { refusals, ...said } = await answer.json();
  Object.assign(words.sentences, refusals);
  return spoken(said, new Intl.PluralRules(lang));
}
