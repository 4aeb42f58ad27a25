// The tabs: counts the other tabs of this browser that use long polling. Over HTTP/1.1 a browser has six connections to a host; a
// request beyond these waits until one is free.

const ANSWER_WITHIN = 300; // milliseconds
const ENOUGH = 5; // other tabs; this tab's own poll takes the sixth connection, and none is left to send anything

export class Tabs {
  #channel;
  #polling;
  #others = 0;

  // `polling()` is whether this tab does.
  constructor(channel, polling) {
    this.#channel = channel;
    this.#polling = polling;
    channel?.addEventListener("message", ({ data }) => {
      if (data === "who polls?" && this.#polling()) channel.postMessage("I do");
      if (data === "I do") this.#others += 1;
    });
  }

  // Resolves to whether the other tabs leave this one no connection.
  async areTooMany() {
    this.#others = 0;
    this.#channel?.postMessage("who polls?");
    await new Promise((resolve) => setTimeout(resolve, ANSWER_WITHIN));
    return this.#others >= ENOUGH;
  }
}

export function channelIfAllowed(name) {
  try {
    return new BroadcastChannel(name);
  } catch {
    return null;
  }
}
