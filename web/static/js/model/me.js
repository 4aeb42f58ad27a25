// Me: the person this page was made for, and whether the server takes us for the same.
//
// Nothing may be sent before it does: another tab may have signed out, or in as somebody else. Event: "change".

export class Me extends EventTarget {
  confirmed = false;

  moderator = false;

  constructor({ id, name }) {
    super();
    this.id = id;
    this.name = name;
  }

  // The server's word. Returns false if it takes us for somebody else.
  meets({ id, name, moderator = false }) {
    this.confirmed = id === this.id;
    this.moderator = this.confirmed && moderator;
    if (this.confirmed) this.name = name;
    this.dispatchEvent(new Event("change"));
    return this.confirmed;
  }

  // A browser that takes no cookies is somebody else with each connection, and that has to do.
  becomes(person) {
    this.id = person.id;
    this.meets(person);
  }

  doubted() {
    this.confirmed = false;
  }
}
