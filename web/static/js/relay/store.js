// The store: JSON values by key, in memory, with a copy of each in a Storage where there is one.
//
// Values are read from memory only: with a hundred rooms there are hundreds of reads for each entry.

export class Store {
  #storage;
  #prefix;
  #values = new Map();
  #unsaved = new Set(); // the keys whose value the Storage would not take

  // `storage` is a Storage, or null where there is none. All keys in it begin with `prefix`.
  constructor(storage, prefix) {
    this.#storage = storage;
    this.#prefix = prefix;
    for (const key of this.#stored()) this.reload(key);
  }

  // The value must not be changed.
  get(key) {
    return this.#values.get(key) ?? null;
  }

  // Never throws: with a full disk, or in a browser that refuses, the value is still there while the page is open.
  set(key, value) {
    const text = JSON.stringify(value);
    this.#values.set(key, parsed(text)); // a copy, as another tab would read it
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

  // Forget everything. Values that are set from now on are in memory only.
  clear() {
    for (const key of this.keys("")) this.delete(key);
    this.#storage = null;
  }

  // Whether the value survives a reload.
  lasts(key) {
    return this.#storage !== null && !this.#unsaved.has(key);
  }

  keys(prefix) {
    return [...this.#values.keys()].filter((key) => key.startsWith(prefix));
  }

  // Read the value of another tab. A value that this tab could not save stays.
  reload(key) {
    if (!this.#storage || this.#unsaved.has(key)) return;
    const value = parsed(this.#storage.getItem(this.#prefix + key));
    if (value === null) this.#values.delete(key);
    else this.#values.set(key, value);
  }

  // Read again what a `storage` event is about. Returns the keys of this store among them.
  reloadChanged({ key }) {
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

// Somebody at the console, or an older release, may have written something else there.
export function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
