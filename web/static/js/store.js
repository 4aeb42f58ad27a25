// What this browser keeps for us: JSON values by key, in localStorage, or in memory where it will not take them.

const PREFIX = "tertulia/";

export class Store {
  #storage;
  #memory = new Map();

  // `storage` is a Storage, or null where there is none.
  constructor(storage) {
    this.#storage = storage;
  }

  get(key) {
    const value = this.#memory.get(key) ?? this.#storage?.getItem(PREFIX + key);
    return value == null ? null : parsed(value);
  }

  // Never throws: a full disk (or a browser that refuses) must not cost anyone what they wrote while the page is open.
  set(key, value) {
    const text = JSON.stringify(value);
    try {
      this.#storage.setItem(PREFIX + key, text);
      this.#memory.delete(key);
    } catch {
      this.#memory.set(key, text);
    }
  }

  delete(key) {
    this.#memory.delete(key);
    this.#storage?.removeItem(PREFIX + key);
  }

  // Whether the value outlives the page.
  lasts(key) {
    return !this.#memory.has(key);
  }

  keys(prefix) {
    const stored = Array.from({ length: this.#storage?.length ?? 0 }, (_, index) => this.#storage.key(index));
    const ours = stored.filter((key) => key.startsWith(PREFIX)).map((key) => key.slice(PREFIX.length));
    return [...new Set([...ours, ...this.#memory.keys()])].filter((key) => key.startsWith(prefix));
  }
}

// Reading the property throws where the browser's settings forbid storage.
export function localStorageIfAllowed() {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

// Another hand (a person at the console, an older release) may have left something else under the key.
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
