// What this browser keeps for one person: JSON values by key, in memory, and a copy of each in a Storage where there is one.
//
// What somebody wrote and read here is nobody else's, and is never sent under another's name. Reading looks at the memory
// alone: a page with a hundred rooms asks hundreds of times for each message.

export class Store {
  #storage;
  #prefix;
  #values = new Map();
  #unsaved = new Set(); // the keys whose value the Storage would not take

  // `storage` is a Storage, or null where there is none; `person` the id of whom it is for.
  constructor(storage, person) {
    this.#storage = storage;
    this.#prefix = `tertulia/${person}/`;
    for (const key of this.#stored()) this.reload(key);
  }

  // What is got is not to be changed.
  get(key) {
    return this.#values.get(key) ?? null;
  }

  // Never throws: a full disk (or a browser that refuses) must not cost anyone what they wrote while the page is open.
  set(key, value) {
    const text = JSON.stringify(value);
    this.#values.set(key, parsed(text)); // as another page would get it
    try {
      this.#storage.setItem(this.#prefix + key, text);
      this.#unsaved.delete(key);
    } catch {
      this.#unsaved.add(key);
    }
  }

  delete(key) {
    this.#values.delete(key);
    this.#unsaved.delete(key);
    this.#storage?.removeItem(this.#prefix + key);
  }

  // The person goes for good; what is set from now on is gone with the page.
  clear() {
    for (const key of this.keys("")) this.delete(key);
    this.#storage = null;
  }

  // Whether the value outlives the page.
  lasts(key) {
    return this.#storage !== null && !this.#unsaved.has(key);
  }

  keys(prefix) {
    return [...this.#values.keys()].filter((key) => key.startsWith(prefix));
  }

  // Take what another tab made of a key. What this one could not save stays.
  reload(key) {
    if (!this.#storage || this.#unsaved.has(key)) return;
    const value = parsed(this.#storage.getItem(this.#prefix + key));
    if (value === null) this.#values.delete(key);
    else this.#values.set(key, value);
  }

  // Reload what a `storage` event is about. Returns which of our keys these are.
  heed({ key }) {
    const all = key === null ? [...new Set([...this.keys(""), ...this.#stored()])] : [];
    const keys = key?.startsWith(this.#prefix) ? [key.slice(this.#prefix.length)] : all;
    for (const each of keys) this.reload(each);
    return keys;
  }

  #stored() {
    const keys = Array.from({ length: this.#storage?.length ?? 0 }, (_, index) => this.#storage.key(index));
    return keys.filter((key) => key.startsWith(this.#prefix)).map((key) => key.slice(this.#prefix.length));
  }
}

// Reading the property throws where the browser's settings forbid storage, and some give a Storage that throws at each use.
export function storageIfAllowed(name) {
  try {
    const storage = window[name];
    storage.getItem("");
    return storage;
  } catch {
    return null;
  }
}

// Another hand (a person at the console, an older release) may have left something else under the key.
export function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
