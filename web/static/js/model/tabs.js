// The tabs: how many others of this browser hold a connection of their own by long polling. A browser has six to one host over
// HTTP/1.1, and what a seventh asks for waits until one of them is free.

const ANSWER_WITHIN = 300; // milliseconds
const ENOUGH = 5; // others; the sixth connection is the one that this tab polls by, and none is left to send anything

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

  // Resolves to whether they leave no connection to this one.
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
