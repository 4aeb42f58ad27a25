// Refusals: the sentence for a refusal of the server, in the page's language.

import { filled, gapsOf } from "./gaps.js";
import { timeLeft } from "./timeleft.js";

// `sentences` has a sentence with gaps for each error code, or for its finer `reason`. Where it has several, the first is taken for
// whose gaps the refusal has values. Returns a function of a refusal, {error, reason?, detail, retry_after?, …}. A server of
// another release may have an unknown code; the sentence is then its `detail`, in English.
export function refusals(sentences) {
  return (refusal) => {
    const { error, reason, detail, retry_after: wait } = refusal;
    const values = { ...refusal, ...(wait !== undefined && { time: timeLeft(wait) }) };
    const known = [sentences[reason] ?? sentences[error] ?? []].flat();
    const sentence = known.find((each) => gapsOf(each).every((name) => name in values));
    return sentence ? filled(sentence, values) : (detail ?? sentences.invalid);
  };
}
