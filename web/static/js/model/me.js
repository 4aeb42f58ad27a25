// Me: the person of this page, and whether the server has confirmed that the connection belongs to the same person.
//
// Nothing is sent before that, because another tab may have signed in as somebody else. Event: "change".

export class Me extends EventTarget {
  confirmed = false;

  moderator = false;

  constructor({ id, name }) {
    super();
    this.id = id;
    this.name = name;
  }

  // The server said who the connection belongs to. Returns false if it is somebody else.
  confirm({ id, name, moderator = false }) {
    this.confirmed = id === this.id;
    this.moderator = this.confirmed && moderator;
    if (this.confirmed) this.name = name;
    this.dispatchEvent(new Event("change"));
    return this.confirmed;
  }

  // A browser that takes no cookies gets a new person with each connection. The page then goes on as that person.
  become(person) {
    this.id = person.id;
    this.confirm(person);
  }

  unconfirm() {
    this.confirmed = false;
  }
}
