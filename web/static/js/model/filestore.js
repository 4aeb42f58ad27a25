// The browser's database of the files of one person that were not brought to the server yet. js/files/blobs.js fills it.

export function fileStoreOf(person) {
  return `tertulia/${person}`;
}

// The person signed out. Browsers that forbid databases have none.
export function forgetFiles(person) {
  try {
    indexedDB.deleteDatabase(fileStoreOf(person));
  } catch {}
}
