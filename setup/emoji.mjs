// Makes the data of the page's emoji picker, web/static/emoji/<language>.json, of the npm package emojibase-data (MIT, by Miles
// Johnson; its names and words are Unicode's CLDR). Run it for a new version of Unicode's emoji:
//
//   npm pack emojibase-data@17.0.0 && tar xzf emojibase-data-17.0.0.tgz && node setup/emoji.mjs package
//
// A file has groups, [name, emoji], and each emoji is [emoji, name, other words], with a 1 behind them if it comes in skin tones.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";

const COMPONENTS = 2; // a group of parts that are no emoji by themselves
const TONES = ["🏻", "🏼", "🏽", "🏾", "🏿"];
const here = new URL("..", import.meta.url).pathname;
const read = (path) => JSON.parse(readFileSync(`${process.argv[2]}/${path}`, "utf-8"));
const languages = readdirSync(`${here}web/templates/words`).map((name) => name.replace(".json", ""));

// As Unicode recommends it for interchange: with the selector of its presentation where it needs one, and nowhere else.
function recommended(emoji) {
  return [emoji, emoji.replaceAll("\ufe0f", ""), `${emoji}\ufe0f`].find((each) => /^\p{RGI_Emoji}$/v.test(each));
}

// The tone stands after the first character. Of two people with a tone each, none is offered.
function toned(emoji, tone) {
  const [first, ...rest] = [...emoji];
  return first + tone + rest.join("").replace(/^\ufe0f/, "");
}

function entryOf({ unicode, label, tags = [], skins = [] }) {
  const emoji = recommended(unicode);
  if (!emoji) throw new Error(`${unicode} (${label}) is no emoji that Unicode recommends.`);
  const of = skins.map((each) => recommended(each.unicode));
  const tones = TONES.every((tone) => of.includes(toned(emoji, tone)));
  return [emoji, label, tags.filter((tag) => !label.includes(tag)).join(" "), ...(tones ? [1] : [])];
}

mkdirSync(`${here}web/static/emoji`, { recursive: true });
for (const language of languages) {
  const all = read(`${language}/compact.json`).filter(({ group }) => group !== undefined && group !== COMPONENTS);
  const { groups } = read(`${language}/messages.json`);
  const made = groups
    .map(({ message, order }) => [message, all.filter(({ group }) => group === order).sort((one, other) => one.order - other.order).map(entryOf)])
    .filter(([, emoji]) => emoji.length);
  writeFileSync(`${here}web/static/emoji/${language}.json`, `${JSON.stringify(made)}\n`);
}
