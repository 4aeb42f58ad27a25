// Objections: why a text can't be sent as a message.

// `most` is how many characters the server takes; it counts code points, without the space around the text.
export function objections(most, words) {
  return (text) => {
    const count = [...text.trim()].length;
    return count > most ? words.tooLong(count, most) : "";
  };
}
