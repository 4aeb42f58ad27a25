import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { gapsOf } from "../../../../web/static/js/text/gaps.js";
import { localeOf } from "../../../../web/static/js/text/locale.js";
import { refusals } from "../../../../web/static/js/text/refusals.js";

const FOLDER = new URL("../../../../web/templates/words/", import.meta.url);
const languages = readdirSync(FOLDER).map((file) => [file.replace(".json", ""), JSON.parse(readFileSync(new URL(file, FOLDER)))]);
const english = Object.fromEntries(languages).en;

// Each text by its path, with its gaps. The forms that a number decides between are one text.
function* textsOf(words, path = "") {
  if (typeof words === "string") yield [path, gapsOf(words)];
  else if (Array.isArray(words)) yield [path, words.map((each) => gapsOf(each).sort())];
  else if (typeof words.other === "string") yield [path, gapsOf(words.other)];
  else for (const [name, each] of Object.entries(words)) yield* textsOf(each, `${path}/${name}`);
}

const sorted = (words) => [...textsOf(words)].map(([path, gaps]) => `${path} ${JSON.stringify(gaps.sort())}`).sort();

function* formsIn(words) {
  if (typeof words !== "object") return;
  if (typeof words.other === "string") yield words;
  for (const each of Object.values(words)) yield* formsIn(each);
}

for (const [language, words] of languages) {
  test(`${language} has every word, with the same gaps`, () => assert.deepEqual(sorted(words), sorted(english)));

  test(`${language} has the forms that its numbers need`, () => {
    const plural = new Intl.PluralRules(language);
    const needed = new Set(Array.from({ length: 1000 }, (_, number) => plural.select(number)));
    // A sentence with one form only says the same of any number.
    const several = [...formsIn(words.script)].filter((forms) => Object.keys(forms).length > 1);
    assert.ok(several.length > 5);
    for (const forms of several) assert.deepEqual(new Set(Object.keys(forms)), needed, forms.other);
  });

  test(`${language} says what is refused, with its values`, () => {
    const said = refusals(words.refusals);
    assert.match(said({ error: "too_long", detail: "English", length: 4001, most: 4000 }), /4001.*4000/);
    assert.match(said({ error: "banned", detail: "English", retry_after: 7200 }), /2/);
    assert.doesNotMatch(said({ error: "banned", detail: "English" }), /English|\{/);
    assert.equal(said({ error: "new_code", detail: "English" }), "English");
    assert.equal(said({ error: "too_long", detail: "English" }), "English", "of a server that gives no values");
    assert.equal(said({ error: "unanswered" }), words.refusals.unanswered);
    assert.equal(said({}), words.refusals.invalid);
  });
}

// What scripts load when they need it, such as files.es.json.
const LATER = new URL("../../../../web/static/words/", import.meta.url);
const later = Object.fromEntries(readdirSync(LATER).map((file) => [file, JSON.parse(readFileSync(new URL(file, LATER)))]));

for (const [file, words] of Object.entries(later)) {
  const [part] = file.split(".");
  test(`${file} has every word, with the same gaps`, () => assert.deepEqual(sorted(words), sorted(later[`${part}.en.json`])));

  test(`${part} is there in every language, and its refusals in no page`, () => {
    for (const [language, { refusals }] of languages) {
      assert.ok(`${part}.${language}.json` in later);
      assert.deepEqual(Object.keys(words.refusals).filter((each) => each in refusals), []);
    }
  });
}

test("a finer reason is said before its code", () => {
  const said = refusals({ limit: "Too many.", rooms: "Too many rooms." });
  assert.equal(said({ error: "limit", reason: "rooms" }), "Too many rooms.");
  assert.equal(said({ error: "limit", reason: "new" }), "Too many.");
});

test("dates are written as in the reader's region, if it has the page's language", () => {
  assert.equal(localeOf("es", ["en-GB", "es-MX"]), "es-MX");
  assert.equal(localeOf("es", ["de"]), "es");
  assert.equal(localeOf("en", ["en-GB", "en-US"]), "en-GB");
});
