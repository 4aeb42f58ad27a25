// The store of one person in this browser. Each person has a prefix of their own, so nothing is ever read by, or sent as, somebody
// else.

import { Store as PrefixedStore } from "../relay/store.js";

export { parsed } from "../relay/store.js";

export class Store extends PrefixedStore {
  // `storage` is a Storage, or null where there is none; `person` the id of whom it is for.
  constructor(storage, person) {
    super(storage, `tertulia/${person}/`);
  }
}

// Where the browser's settings forbid storage, reading the property throws, or each use of the Storage does.
export function storageIfAllowed(name) {
  try {
    const storage = window[name];
    storage.getItem("");
    return storage;
  } catch {
    return null;
  }
}
