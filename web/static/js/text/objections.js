// The objections: why a text can't be a message, in words, before it is on its way.

// `most` is how many characters the server takes; it counts code points, without the space around the text.
export function objections(most, words) {
  return (text) => {
    const count = [...text.trim()].length;
    return count > most ? words.tooLong(count, most) : "";
  };
}
