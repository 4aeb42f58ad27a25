// The uploads: all files on their way to the server, a few at once. Files first wait beside the field for their message to be
// sent; then they are an entry's of the outbox, which waits until all of them have arrived.
//
// A file of an entry is {key, name, size, kept?, address?, id?}: `key` is ours, `kept` whether the browser has the file also after a
// reload, `address` where its upload goes on, and `id` the server's, once it has arrived.
//
// Event: "change".

import { newId } from "../relay/ids.js";
import { Upload } from "./upload.js";

const AT_ONCE = 3;

export class Uploads extends EventTarget {
  #parts;
  #files = new Map(); // by key: {room, name, size, blob, upload, waits}, where `waits` is whether its message is not sent yet
  #moving = 0;
  #queue = []; // of functions that let one more begin

  // `parts` are {outbox, protocol, blobs, locks, me}, the last two as Sender takes them.
  constructor(parts) {
    super();
    this.#parts = parts;
    parts.outbox.addEventListener("change", () => this.#settle());
    this.#collect();
    this.#settle();
  }

  // Begins to upload a file whose message is not written yet. Returns its key.
  add(room, blob) {
    const key = newId();
    this.#begin(key, { room, name: blob.name, size: blob.size, blob, waits: true });
    return key;
  }

  // Returns {name, size, blob, upload} of a file that has not arrived, or whose message is not sent yet; else undefined.
  of(key) {
    return this.#files.get(key);
  }

  // Returns what the entry of the outbox, which is made next, has of these files.
  take(keys) {
    return keys.map((key) => this.#about(key, this.#files.get(key)));
  }

  // The entry's files wait for another message. Returns the keys of those that are still there.
  giveBack({ room, files }) {
    for (const { key, name, size, id } of files) {
      if (id && !this.#files.has(key)) this.#put(key, { room, name, size }).upload.arrived(id);
    }
    const there = files.map(({ key }) => key).filter((key) => this.#files.has(key));
    for (const key of there) this.#files.get(key).waits = true;
    return there;
  }

  // A file that waits is not wanted any more.
  remove(key) {
    const file = this.#files.get(key);
    this.#files.delete(key);
    file?.upload.cancel();
    this.#parts.blobs.delete(key);
    this.#changed();
  }

  retry(key) {
    const { upload } = this.#files.get(key);
    if (upload.state === "failed") this.#begin(key, this.#files.get(key));
    else upload.hurry();
  }

  // There is a network again.
  hurry() {
    for (const { upload } of this.#files.values()) upload.hurry();
  }

  // Makes the uploads those that the outbox and the waiting files want.
  #settle() {
    const wanted = this.#wanted();
    for (const [key, file] of this.#files) {
      if (file.waits && wanted.has(key)) this.#keep(key, file);
      else if (!file.waits && !wanted.has(key)) this.remove(key);
    }
    for (const [key, { entry, file }] of wanted) {
      if (file.id || entry.state !== "pending") continue;
      const known = this.#files.get(key);
      const about = known ?? { room: entry.room, name: file.name, size: file.size, blob: null, waits: false };
      if (!known) this.#begin(key, about, file.address);
      else if (["failed", "done"].includes(known.upload.state)) this.#begin(key, about);
    }
  }

  // Its message is in the outbox: it survives a reload, if the browser allows.
  async #keep(key, file) {
    file.waits = false;
    if (file.upload.id) return;
    const kept = await this.#parts.blobs.put(key, file.blob);
    if (!this.#files.has(key)) this.#parts.blobs.delete(key); // it was sent meanwhile
    else if (kept) this.#know(key, { kept });
  }

  // The files of the outbox, by key.
  #wanted() {
    const entries = this.#parts.outbox.unsent.filter(({ files }) => files);
    return new Map(entries.flatMap((entry) => entry.files.map((file) => [file.key, { entry, file }])));
  }

  // The same of one file, as any tab knows it by now.
  #wantedNow(key) {
    const { entry } = this.#wanted().get(key) ?? {};
    const now = entry && this.#parts.outbox.reloaded(entry);
    return now && { entry: now, file: now.files.find((each) => each.key === key) };
  }

  // Without an address, from the beginning: what the server had of it, it may have forgotten.
  #begin(key, about, address) {
    const file = this.#put(key, about, address);
    // Two tabs have the same outbox. The one that has the lock uploads the file; the other one then finds that it has arrived.
    const { locks, me } = this.#parts;
    locks.request(`tertulia/${me.id}/upload/${key}`, () => this.#inTurn(() => this.#run(key, file)));
  }

  #put(key, about, address = null) {
    const file = { ...about };
    file.upload = new Upload(file.room, file, this.#parts.protocol, address);
    this.#files.set(key, file);
    file.upload.addEventListener("change", () => this.#follow(key, file.upload));
    this.#changed();
    return file;
  }

  async #inTurn(work) {
    if (this.#moving >= AT_ONCE) await new Promise((resolve) => this.#queue.push(resolve));
    this.#moving += 1;
    try {
      await work();
    } finally {
      this.#moving -= 1;
      this.#queue.shift()?.();
    }
  }

  async #run(key, file) {
    if (this.#files.get(key) !== file) return;
    if (!file.waits && this.#wantedNow(key)?.file.id !== undefined) return;
    file.blob ??= await this.#parts.blobs.get(key);
    await file.upload.run();
  }

  #follow(key, upload) {
    const { state, id, address, refusal } = upload;
    const file = this.#files.get(key);
    if (file?.upload !== upload) return;
    if (!file.waits) {
      if (state === "done") this.#know(key, { id });
      else if (state === "failed") this.#refuse(key, refusal);
      else if (address) this.#know(key, { address });
    }
    this.#changed();
  }

  // Tells the entry that has this file.
  #know(key, more) {
    const { entry, file } = this.#wantedNow(key) ?? {};
    if (!file || Object.entries(more).every(([name, value]) => file[name] === value)) return;
    this.#parts.outbox.change(entry, { files: entry.files.map((each) => (each === file ? { ...each, ...more } : each)) });
  }

  #refuse(key, refusal) {
    const { entry } = this.#wanted().get(key) ?? {};
    if (entry) this.#parts.outbox.fail(entry, refusal);
  }

  #about(key, { name, size, upload: { id, address } }) {
    return { key, name, size, ...(address && { address }), ...(id && { id }) };
  }

  // Files are kept once their message is in the outbox, in whichever tab.
  async #collect() {
    const keys = await this.#parts.blobs.keys();
    const wanted = this.#wanted();
    for (const key of keys) if (!wanted.has(key)) this.#parts.blobs.delete(key);
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
