// The gaps of a text: "{0} of {1}", or "at most {most}".

const GAP = /\{(\w+)\}/g;

// `values` by the names of the gaps.
export function filled(text, values) {
  return text.replace(GAP, (_, name) => values[name]);
}

export function gapsOf(text) {
  return Array.from(text.matchAll(GAP), ([, name]) => name);
}
