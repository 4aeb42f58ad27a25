// A time in words, in the largest unit that fits, rounded up.

const UNITS = { days: 86_400, hours: 3_600, minutes: 60 };

export function timeLeft(seconds, words) {
  for (const [unit, length] of Object.entries(UNITS)) {
    if (seconds >= length) return words[unit](Math.ceil(seconds / length));
  }
  return words.seconds(Math.ceil(seconds));
}
