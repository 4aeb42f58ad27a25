import assert from "node:assert/strict";
import { test } from "node:test";
import { statusOf } from "../../../web/static/js/status.js";

const LIVE = { connected: true, wasConnected: true, online: true, refusal: null, live: true, problem: null };

for (const [facts, state, reason] of [
  [{}, "live", null],
  [{ live: false }, "notLive", "catchingUp"],
  [{ problem: "unavailable" }, "notLive", "unavailable"],
  [{ live: false, problem: "unavailable" }, "notLive", "unavailable"],
  [{ connected: false }, "reconnecting", null],
  [{ connected: false, wasConnected: false }, "connecting", null],
  [{ connected: false, online: false }, "notLive", "offline"],
  [{ connected: false, refusal: "A code is needed." }, "notLive", "refused"],
  [{ online: false }, "live", null],
]) {
  test(`${state}${reason ? ` (${reason})` : ""} when ${JSON.stringify(facts)}`, () => {
    assert.deepEqual(statusOf({ ...LIVE, ...facts }), { state, reason });
  });
}
