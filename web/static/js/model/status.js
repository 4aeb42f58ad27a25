// The status: what may honestly be said of the connection. A pure rule over facts.

// Returns {state, reason, refusal?}; `refusal` and `problem` are null or the server's {error, detail, …}. "live" promises
// that what others say appears at once, and what you say is kept. A move from one worker to another takes less than many a
// message, and nobody has to know.
export function statusOf({ connected, wasConnected, moving, online, refusal, live, problem, crowded }) {
  const stuck = problem && problem.error !== "unanswered";
  if (moving && online && !refusal && !stuck) return { state: "live", reason: null };
  if (connected && live && !problem) return { state: "live", reason: null };
  if (connected && problem?.error === "limit") return { state: "notLive", reason: "refused", refusal: problem };
  if (connected && problem?.error === "full") return { state: "notLive", reason: "full" };
  if (crowded && online && !refusal) return { state: "notLive", reason: "tabs" };
  const waits = !problem || problem.error === "rate_limited"; // as it does who comes back to very many rooms
  if (connected) return { state: "notLive", reason: waits ? "catchingUp" : "unavailable" };
  if (!online) return { state: "notLive", reason: "offline" };
  if (refusal) return { state: "notLive", reason: "refused", refusal };
  return { state: wasConnected ? "reconnecting" : "connecting", reason: null };
}
