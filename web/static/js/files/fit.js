// The size of a picture in a message, known before it comes: nothing moves when it does.

const LEAST = 48; // pixels: a finger hits it
const MOST = { alone: { width: 320, height: 256 }, among: { width: 136, height: 136 } };

// Returns the width and height in CSS pixels of a picture of this size, alone in its message or not. It is never shown larger than
// it is. A very long one is cut.
export function fitted({ width, height }, alone) {
  const most = alone ? MOST.alone : MOST.among;
  const scale = Math.min(1, most.width / width, most.height / height);
  const within = (pixels, limit) => Math.min(limit, Math.max(LEAST, Math.round(pixels * scale)));
  return { width: within(width, most.width), height: within(height, most.height) };
}
