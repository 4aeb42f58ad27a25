// Sizes of files, as the reader's region writes them: "2.4 MB".

import { locale } from "./locale.js";

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
const THOUSAND = 1000;

export function sizeOf(bytes, written = locale) {
  const step = Math.max(0, UNITS.findLastIndex((_, index) => bytes >= THOUSAND ** index));
  const options = { style: "unit", unit: UNITS[step], unitDisplay: step ? "short" : "long", maximumFractionDigits: step > 1 ? 1 : 0 };
  return new Intl.NumberFormat(written, options).format(bytes / THOUSAND ** step);
}
