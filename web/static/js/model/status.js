// The status: what the page says about the connection. A pure function of facts.

// Returns {state, reason, refusal?}; `refusal` and `problem` are null or the server's {error, detail, …}. "live" promises
// that messages of others appear at once and that one's own are kept. While the page moves from one worker to another, for a
// moment, it stays "live".
export function statusOf({ connected, wasConnected, moving, online, refusal, live, problem, crowded }) {
  const stuck = problem && problem.error !== "unanswered";
  if (moving && online && !refusal && !stuck) return { state: "live", reason: null };
  if (connected && live && !problem) return { state: "live", reason: null };
  if (connected && problem?.error === "limit") return { state: "notLive", reason: "refused", refusal: problem };
  if (connected && problem?.error === "full") return { state: "notLive", reason: "full" };
  if (crowded && online && !refusal) return { state: "notLive", reason: "tabs" };
  const waits = !problem || problem.error === "rate_limited"; // happens to somebody who has very many rooms
  if (connected) return { state: "notLive", reason: waits ? "catchingUp" : "unavailable" };
  if (!online) return { state: "notLive", reason: "offline" };
  if (refusal) return { state: "notLive", reason: "refused", refusal };
  return { state: wasConnected ? "reconnecting" : "connecting", reason: null };
}
