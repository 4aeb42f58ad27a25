// The blobs of one person: files that were not brought to the server yet, kept in the browser's IndexedDB, so that they survive a
// reload. Nothing here throws: where the browser does not keep them, it says so.

import { fileStoreOf } from "../model/filestore.js";

const BLOBS = "blobs";

export class Blobs {
  #opened;

  constructor(person) {
    this.#opened = open(fileStoreOf(person)).catch(() => null);
  }

  // Resolves to whether it is kept.
  async put(key, blob) {
    return (await this.#do("readwrite", (blobs) => blobs.put(blob, key))) !== null;
  }

  // Resolves to the blob, or to null.
  async get(key) {
    return (await this.#do("readonly", (blobs) => blobs.get(key)))?.result ?? null;
  }

  async keys() {
    return (await this.#do("readonly", (blobs) => blobs.getAllKeys()))?.result ?? [];
  }

  async delete(key) {
    await this.#do("readwrite", (blobs) => blobs.delete(key));
  }

  // Resolves to the request once all is written, or to null.
  async #do(mode, act) {
    const database = await this.#opened;
    try {
      const transaction = database.transaction(BLOBS, mode);
      const asked = act(transaction.objectStore(BLOBS));
      return await new Promise((resolve) => {
        transaction.oncomplete = () => resolve(asked);
        transaction.onabort = transaction.onerror = () => resolve(null);
      });
    } catch {
      return null; // there is no database, or it is closed
    }
  }
}

function open(name) {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(name);
    asked.onupgradeneeded = () => asked.result.createObjectStore(BLOBS);
    asked.onerror = asked.onblocked = () => reject(asked.error);
    asked.onsuccess = () => {
      // Another tab deletes it: the person signed out.
      asked.result.onversionchange = () => asked.result.close();
      resolve(asked.result);
    };
  });
}
