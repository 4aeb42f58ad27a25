// The refusals: what the server's "no" means, in the page's language.

import { filled, gapsOf } from "./gaps.js";
import { timeLeft } from "./timeleft.js";

// `sentences`: for an error code, or for a finer `reason`, a sentence with gaps, or several of which the first is said whose
// gaps the refusal fills. Returns a function of a refusal, {error, reason?, detail, retry_after?, …}. A server of another release
// may have a code that is not among them; then its own `detail` is said, which is English.
export function refusals(sentences) {
  return (refusal) => {
    const { error, reason, detail, retry_after: wait } = refusal;
    const values = { ...refusal, ...(wait !== undefined && { time: timeLeft(wait) }) };
    const known = [sentences[reason] ?? sentences[error] ?? []].flat();
    const sentence = known.find((each) => gapsOf(each).every((name) => name in values));
    return sentence ? filled(sentence, values) : (detail ?? sentences.invalid);
  };
}
