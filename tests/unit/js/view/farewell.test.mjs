// What is taken along from one session into the next.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { farewell, takenAlong } from "../../../../web/static/js/view/farewell.js";

const KEY = "tertulia/taken-along";

function storageWith(value, { full = false } = {}) {
  const values = new Map(value === undefined ? [] : [[KEY, value]]);
  return {
    getItem: (key) => values.get(key) ?? null,
    removeItem: (key) => values.delete(key),
    setItem(key, text) {
      if (full) throw new Error("QuotaExceededError");
      values.set(key, text);
    },
  };
}

function dialogOf() {
  const take = { hidden: false };
  const list = { replaceChildren() {} };
  return { take, open: false, querySelector: (wanted) => (wanted === "ul" ? list : take), showModal: () => {} };
}

const waiting = [{ room: "tea", text: "half a tho" }];

test("what was taken along is found once", () => {
  const storage = storageWith(JSON.stringify(waiting));
  assert.deepEqual(takenAlong(storage), waiting);
  assert.deepEqual(takenAlong(storage), []);
});

test("what another hand left there keeps no page from opening", () => {
  for (const value of [undefined, "{", "null", "7", "{}"]) assert.deepEqual(takenAlong(storageWith(value)), [], value);
  assert.deepEqual(takenAlong(null), []);
});

describe("a dialog asks what becomes of it", () => {
  before(() => (globalThis.document = { createElement: () => ({}) }));
  after(() => delete globalThis.document);

  test("where it does not fit the dialog stays, from which it can be copied", () => {
    for (const full of [false, true]) {
      const dialog = dialogOf();
      farewell({ dialog, storage: storageWith(undefined, { full }), unsent: () => waiting }).before(() => {});
      let stays = false;
      dialog.take.onclick({ preventDefault: () => (stays = true) });
      assert.equal(stays, full);
      assert.equal(dialog.take.hidden, full);
    }
  });

  test("who has decided is not asked again", () => {
    const dialog = dialogOf();
    let gone = 0;
    const leaving = farewell({ dialog, storage: storageWith(), unsent: () => waiting });
    leaving.before(() => (gone += 1));
    assert.equal(gone, 0);
    dialog.onclose();
    leaving.before(() => (gone += 1));
    assert.equal(gone, 2);
  });
});
