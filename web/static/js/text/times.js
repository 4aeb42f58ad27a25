// Dates and times, in the page's language and as the reader's region writes them.

import { hourCycle, locale } from "./locale.js";

const clock = new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit", hourCycle });
const exact = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "medium", hourCycle });
const day = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long" });
const dayAndYear = new Intl.DateTimeFormat(locale, { dateStyle: "full" });

export const clockOf = (at) => clock.format(at);
export const exactOf = (at) => exact.format(at);

export function dayOf(at, now = Date.now()) {
  const thisYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return (thisYear ? day : dayAndYear).format(at);
}
