// Routes: from an address to the room and the message that it means, and back.

export const LOBBY = "lobby";
const NAME = /^[a-z0-9][a-z0-9-]{0,31}$/;
const GUARDED = /^[pd]-[a-z2-7]{26}$/; // the server makes it: of a private room, or of a direct one

// A number of more than 15 digits is none that JavaScript keeps whole, nor one that a log ever reaches.
export function routeOf({ pathname, hash }) {
  const [, room = LOBBY] = /^\/rooms\/([^/]+)$/.exec(pathname) ?? [];
  const seq = /^#[1-9][0-9]{0,14}$/.test(hash) ? Number(hash.slice(1)) : null;
  return { room, seq };
}

export function pathOf(room, seq = null) {
  return `${room === LOBBY ? "/" : `/rooms/${room}`}${seq === null ? "" : `#${seq}`}`;
}

// Whether only some people may see the room.
export function isGuarded(room) {
  return GUARDED.test(room);
}

// The room's name that somebody meant, or null: "#Team Lunch" is "team-lunch".
export function roomNamed(text) {
  const name = text.trim().replace(/^#/, "").normalize("NFKD").toLowerCase();
  const plain = name.replace(/\p{M}/gu, "").replace(/[\s_]+/g, "-");
  return NAME.test(plain) ? plain : null;
}
