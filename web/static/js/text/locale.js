// The locale: the page's language, as the reader's region writes it. A reader from Mexico has a page in `es` and dates in
// `es-MX`.

export function localeOf(language, wanted) {
  return wanted.find((each) => each.toLowerCase().split("-")[0] === language.split("-")[0]) ?? language;
}

const language = globalThis.document?.documentElement?.lang || "en";

export const locale = localeOf(language, globalThis.navigator?.languages ?? []);

// Whether the reader counts twelve hours or twenty-four, whatever language the page has.
export const { hourCycle } = new Intl.DateTimeFormat(undefined, { hour: "numeric" }).resolvedOptions();
