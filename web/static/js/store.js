// What this browser keeps for one person: JSON values by key, in localStorage, or in memory where it will not take them.
//
// What somebody wrote and read here is nobody else's, and is never sent under another's name.

export class Store {
  #storage;
  #prefix;
  #memory = new Map();

  // `storage` is a Storage, or null where there is none; `person` the id of whom it is for.
  constructor(storage, person) {
    this.#storage = storage;
    this.#prefix = `tertulia/${person}/`;
  }

  get(key) {
    const value = this.#memory.get(key) ?? this.#storage?.getItem(this.#prefix + key);
    return value == null ? null : parsed(value);
  }

  // Never throws: a full disk (or a browser that refuses) must not cost anyone what they wrote while the page is open.
  set(key, value) {
    const text = JSON.stringify(value);
    try {
      this.#storage.setItem(this.#prefix + key, text);
      this.#memory.delete(key);
    } catch {
      this.#memory.set(key, text);
    }
  }

  delete(key) {
    this.#memory.delete(key);
    this.#storage?.removeItem(this.#prefix + key);
  }

  // The person goes for good; what is set from now on is gone with the page.
  clear() {
    for (const key of this.keys("")) this.delete(key);
    this.#storage = null;
  }

  // Whether the value outlives the page.
  lasts(key) {
    return !this.#memory.has(key);
  }

  keys(prefix) {
    const stored = Array.from({ length: this.#storage?.length ?? 0 }, (_, index) => this.#storage.key(index));
    const ours = stored.filter((key) => key.startsWith(this.#prefix)).map((key) => key.slice(this.#prefix.length));
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
