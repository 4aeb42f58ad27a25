// Every word that the scripts show.

export const words = {
  you: "You",
  pending: "Not sent yet",
  pendingUnsaved: "Not sent yet, and this browser cannot save it: closing the page would lose it.",
  sent: "",
  failed: "Not sent",
  refused: "The server did not take this message.",
  status: {
    connecting: "Connecting…",
    live: "Live",
    reconnecting: "Reconnecting…",
    notLive: "Not live",
  },
  reason: {
    reconnecting: "What you write waits here and is sent in order.",
    offline: "You are offline. What you write waits here and is sent in order.",
    unavailable: "The server cannot keep messages right now. Yours wait here and are sent in order.",
    catchingUp: "Fetching what was said meanwhile.",
  },
  nextTry: (seconds) => `Next try in ${seconds} s.`,
};
