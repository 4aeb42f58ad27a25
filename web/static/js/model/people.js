// The people in one room, as the server reports them: all of them, or in a large room their number and the first few. Event:
// "change".

export class People extends EventTarget {
  count = 0;
  list = []; // {id, name}, by name

  // `{count, people}` as a join answers, `{count, joined?, left?, people?}` as the event `presence` says.
  update({ count, people, joined = [], left = [] }) {
    const gone = new Set([...left, ...joined].map(({ id }) => id));
    const stay = people ?? this.list.filter(({ id }) => !gone.has(id));
    this.count = count;
    this.list = [...stay, ...joined].sort(byName).slice(0, count);
    this.dispatchEvent(new Event("change"));
  }
}

function byName(one, other) {
  return one.name.localeCompare(other.name) || (one.id < other.id ? -1 : 1);
}
