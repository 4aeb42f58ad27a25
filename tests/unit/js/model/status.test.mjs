import assert from "node:assert/strict";
import { test } from "node:test";
import { statusOf } from "../../../../web/static/js/model/status.js";

const LIVE = { connected: true, wasConnected: true, moving: false, online: true, refusal: null, live: true, problem: null };

for (const [facts, state, reason, refusal] of [
  [{}, "live", null],
  [{ live: false }, "notLive", "catchingUp"],
  [{ problem: { error: "unavailable" } }, "notLive", "unavailable"],
  [{ live: false, problem: { error: "unavailable" } }, "notLive", "unavailable"],
  [{ problem: { error: "full" } }, "notLive", "full"],
  [{ moving: true, problem: { error: "full" } }, "notLive", "full"],
  [{ live: false, problem: { error: "rate_limited" } }, "notLive", "catchingUp"],
  [{ connected: false }, "reconnecting", null],
  [{ connected: false, wasConnected: false }, "connecting", null],
  [{ connected: false, online: false }, "notLive", "offline"],
  [{ connected: false, refusal: { error: "code_needed" } }, "notLive", "refused", { error: "code_needed" }],
  [{ live: false, problem: { error: "limit", most: 3 } }, "notLive", "refused", { error: "limit", most: 3 }],
  [{ online: false }, "live", null],
  [{ moving: true, connected: false, live: false }, "live", null],
  [{ moving: true, live: false, problem: { error: "unanswered" } }, "live", null],
  [{ moving: true, live: false, problem: { error: "unavailable" } }, "notLive", "unavailable"],
  [{ moving: true, connected: false, online: false }, "notLive", "offline"],
]) {
  test(`${state}${reason ? ` (${reason})` : ""} when ${JSON.stringify(facts)}`, () => {
    assert.deepEqual(statusOf({ ...LIVE, ...facts }), { state, reason, ...(refusal && { refusal }) });
  });
}
