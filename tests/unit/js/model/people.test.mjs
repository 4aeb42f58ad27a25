import assert from "node:assert/strict";
import { test } from "node:test";
import { People } from "../../../../web/static/js/model/people.js";

const ana = { id: "1", name: "Ana" };
const ben = { id: "2", name: "Ben" };
const cleo = { id: "3", name: "Cleo" };

test("comes and goes by what changed", () => {
  const people = new People();
  people.update({ count: 2, people: [ana, cleo] });
  people.update({ count: 2, joined: [ben], left: [ana] });
  assert.deepEqual(people.list, [ben, cleo]);
});

test("told twice is there once, under the newer name", () => {
  const people = new People();
  people.update({ count: 1, people: [ana] });
  people.update({ count: 1, joined: [{ ...ana, name: "Anna" }] });
  assert.deepEqual(people.list.map(({ name }) => name), ["Anna"]);
});

test("two of one name are two", () => {
  const people = new People();
  people.update({ count: 2, people: [ana, { ...ana, id: "9" }] });
  assert.equal(people.list.length, 2);
});

test("of a large room the first are known, and how many there are", () => {
  const people = new People();
  people.update({ count: 3000, people: [ana, ben] });
  people.update({ count: 3001 });
  assert.deepEqual([people.count, people.list], [3001, [ana, ben]]);
});
