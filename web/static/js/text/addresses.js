// Addresses in a text: what begins with http:// or https:// and can be one.

// Ends an address: space, quotes, characters that turn the direction of what follows, and the punctuation of writing that
// has no spaces, which follows an address without one (CJK, full width, and the long dash).
const ENDS_ADDRESS =
  /[\s<>"`\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2014\u2018-\u201f\u2026\u3001-\u3003\u3008-\u3011\u3014-\u301f\uff01\uff02\uff07-\uff09\uff0c\uff0e\uff1a\uff1b\uff1f\uff3b\uff3d\uff5b\uff5d\uff5f-\uff64]/;
// May be the last character of a sentence, or a mark, which is not of the address before it.
const ENDS_SENTENCE = /[.,;:!?'*_~»\u060c\u061b\u061f\u06d4\u0964\u0965\u104a\u104b\u1362-\u1367]/;
const PAIRS = { ")": "(", "]": "[", "}": "{" };
const SCHEMES = ["http://", "https://"];
// Characters; a host has 253 at most (RFC 1035), and how long a browser takes to read one grows with its square.
const LONGEST_HOST = 300;

// The address at a place, {kind, text, end}; only {end}, up to which nothing is one, if there is none.
export function addressAt(text, at) {
  const begins = text.slice(at, at + 8).toLowerCase();
  const scheme = SCHEMES.find((each) => begins.startsWith(each));
  if (!scheme) return { end: at + 1 };
  const occurs = new Map(); // how often each character does
  let end = at + scheme.length;
  for (; end < text.length && !ENDS_ADDRESS.test(text.charAt(end)); end += 1) {
    const character = text.charAt(end);
    occurs.set(character, (occurs.get(character) ?? 0) + 1);
  }
  const address = text.slice(at, endOfAddress(text, end, occurs));
  return isAddress(address, scheme) ? { kind: "link", text: address, end: at + address.length } : { end };
}

function isAddress(address, scheme) {
  const host = address.slice(scheme.length, scheme.length + LONGEST_HOST);
  return (host.length < LONGEST_HOST || /[/?#\\]/.test(host)) && URL.canParse(address);
}

// What ends the sentence is not of the address before it, nor is a bracket that was opened before it.
function endOfAddress(text, end, occurs) {
  for (; ; end -= 1) {
    const last = text.charAt(end - 1);
    const unpaired = last in PAIRS && occurs.get(last) > (occurs.get(PAIRS[last]) ?? 0);
    if (!unpaired && !ENDS_SENTENCE.test(last)) return end;
    occurs.set(last, occurs.get(last) - 1);
  }
}
