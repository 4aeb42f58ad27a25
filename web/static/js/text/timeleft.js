// A time in words, in the largest unit that fits, rounded up.

import { locale } from "./locale.js";

const UNITS = { day: 86_400, hour: 3_600, minute: 60, second: 1 };

export function timeLeft(seconds) {
  const [unit, length] = Object.entries(UNITS).find(([, length]) => seconds >= length) ?? ["second", 1];
  return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "long" }).format(Math.ceil(seconds / length));
}
