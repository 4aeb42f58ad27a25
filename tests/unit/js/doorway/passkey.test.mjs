// The ceremonies of passkeys, with a browser's answers made up.

import assert from "node:assert/strict";
import { test } from "node:test";

import { base64url, bytes, Ceremonies, known } from "../../../../web/static/js/doorway/passkey.js";

const of = (...numbers) => Uint8Array.from(numbers).buffer;
const MADE = {
  id: "__4",
  type: "public-key",
  rawId: of(255, 254),
  response: { clientDataJSON: of(1), attestationObject: of(2), getTransports: () => [] },
};
const SHOWN = {
  ...MADE,
  response: { clientDataJSON: of(1), authenticatorData: of(2), signature: of(3), userHandle: null },
};
const TO_MAKE = { challenge: "AQI", user: { id: "Aw", name: "Ana" }, excludeCredentials: [{ id: "__4", type: "public-key" }] };

// A server that answers what it is told, and remembers what was posted; a browser whose `ask` is what a test makes it.
function between({ options = { challenge: "AQI" }, status = 200, answer = {}, ask = async () => SHOWN }) {
  const posted = [];
  const asked = [];
  const credential = (what) => {
    asked.push(what.publicKey);
    return ask();
  };
  const post = async (path, fields) => {
    posted.push([path, fields]);
    const of = path.endsWith("/challenge") ? [200, options] : [status, answer];
    return { ok: of[0] < 300, json: async () => of[1] };
  };
  return { posted, asked, ceremonies: new Ceremonies({ credentials: { create: credential, get: credential }, post }) };
}

function fails(name) {
  return async () => {
    throw Object.assign(new Error(name), { name });
  };
}

test("bytes are the same after they went over the wire", () => {
  for (const numbers of [[], [0], [255, 254], [251, 239, 190, 0]]) {
    const text = base64url(of(...numbers));
    assert.match(text, /^[\w-]*$/);
    assert.deepEqual([...bytes(text)], numbers);
  }
});

test("what the server asks for is given to the browser in bytes, and what it made goes back", async () => {
  const { posted, asked, ceremonies } = between({ options: TO_MAKE, ask: async () => MADE });
  assert.deepEqual(await ceremonies.make("/you/passkeys"), { done: {} });
  assert.deepEqual([...asked[0].challenge], [1, 2]);
  assert.deepEqual([...asked[0].user.id], [3]);
  assert.deepEqual([...asked[0].excludeCredentials[0].id], [255, 254]);
  assert.deepEqual(posted.map(([path]) => path), ["/you/passkeys/challenge", "/you/passkeys"]);
  assert.deepEqual(JSON.parse(posted[1][1].passkey), {
    id: "__4",
    type: "public-key",
    rawId: "__4",
    response: { clientDataJSON: "AQ", attestationObject: "Ag" },
  });
});

test("a passkey that says no person is sent without one", async () => {
  const { posted, ceremonies } = between({ answer: { next: "/" } });
  assert.deepEqual(await ceremonies.show("/passkey", { next: "/rooms/tea", code: "" }), { done: { next: "/" } });
  const { passkey, ...besides } = posted[1][1];
  assert.deepEqual(besides, { next: "/rooms/tea", code: "" });
  assert.deepEqual(Object.keys(JSON.parse(passkey).response), ["clientDataJSON", "authenticatorData", "signature"]);
});

test("whoever cancels is told apart from what the browser could not do", async () => {
  for (const [error, name] of [
    ["NotAllowedError", "cancelled"],
    ["AbortError", "cancelled"],
    ["InvalidStateError", "there"],
    ["SecurityError", "failed"],
  ]) {
    const { posted, ceremonies } = between({ options: TO_MAKE, ask: fails(error) });
    assert.deepEqual(await ceremonies.make("/you/passkeys"), { name });
    assert.equal(posted.length, 1, "nothing is added");
  }
});

test("why the server refuses is its own sentence", async () => {
  const answer = { error: "forbidden", detail: "Nobody comes back by this passkey here." };
  const { ceremonies } = between({ status: 403, answer });
  assert.deepEqual(await ceremonies.show("/passkey", {}), answer);
});

test("a server that does not answer, or with a page, could not be reached", async () => {
  for (const post of [fails("TypeError"), async () => ({ ok: false, json: fails("SyntaxError") })]) {
    const ceremonies = new Ceremonies({ credentials: {}, post });
    assert.deepEqual(await ceremonies.show("/passkey", {}), { name: "offline" });
  }
});

test("there are passkeys where the browser knows them and nobody on the line can change the page", () => {
  assert.equal(known({ PublicKeyCredential: class {}, isSecureContext: true }), true);
  assert.equal(known({ PublicKeyCredential: class {}, isSecureContext: false }), false);
  assert.equal(known({ isSecureContext: true }), false);
});
