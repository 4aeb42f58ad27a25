// The drafts: what was begun in each room and not sent.

export class Drafts {
  #store;

  constructor(store) {
    this.#store = store;
  }

  of(room) {
    return this.#store.get(`draft/${room}`) ?? "";
  }

  keep(room, text) {
    if (text) this.#store.set(`draft/${room}`, text);
    else this.#store.delete(`draft/${room}`);
  }
}
