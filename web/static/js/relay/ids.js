// Ids of our own making: 128 random bits. crypto.randomUUID is missing on pages without TLS, getRandomValues is not.

export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
