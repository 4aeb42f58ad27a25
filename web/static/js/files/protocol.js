// The protocol of uploads: the core of tus 1.0 (https://tus.io/protocols/resumable-upload), as the chat's server speaks it.
//
// Each answer is {ok: true, …} or, as the server's answers to events are, {ok: false, error, …}. None rejects.

const VERSION = { "Tus-Resumable": "1.0.0" };

export class Protocol {
  #request;

  // `request` as the module of this name makes it.
  constructor(request) {
    this.#request = request;
  }

  // Announces a file. The answer has its `address`.
  async announce(room, { name, size }, signal) {
    const headers = { ...VERSION, "Upload-Length": `${size}`, "Upload-Metadata": `filename ${inBase64(name)}` };
    const got = await this.#request("POST", `/uploads/${room}`, { headers, signal });
    const address = got.status === 201 && got.header("Location");
    return address ? { ok: true, address } : refusalOf(got);
  }

  // The answer has the `offset`: how many bytes have arrived. Why an upload is refused, this does not tell.
  async ask(address, signal) {
    const got = await this.#request("HEAD", address, { headers: VERSION, signal });
    return offsetOf(got);
  }

  // Brings what belongs at `offset`. The answer has the `offset` thereafter.
  async bring(address, offset, body, signal, progress) {
    const headers = { ...VERSION, "Upload-Offset": `${offset}`, "Content-Type": "application/offset+octet-stream" };
    return offsetOf(await this.#request("PATCH", address, { headers, body, signal, progress }));
  }

  async end(address) {
    await this.#request("DELETE", address, { headers: VERSION });
  }
}

// Returns an upload's id.
export function idOf(address) {
  return address.slice(address.lastIndexOf("/") + 1);
}

function offsetOf(got) {
  const offset = got.header("Upload-Offset");
  return got.status >= 200 && got.status < 300 && offset !== null ? { ok: true, offset: Number(offset) } : refusalOf(got);
}

// What nginx or a proxy says itself may be a page.
function refusalOf({ status, text, header }) {
  const wait = Number(header("Retry-After")) || undefined;
  const said = parsed(text);
  if (said?.error) return { retry_after: wait, ...said, ok: false };
  const error = { 0: "unanswered", 404: "no_such_upload", 409: "moved", 413: "too_large", 429: "rate_limited" }[status];
  return { ok: false, error: error ?? (status < 500 ? "invalid" : "unavailable"), retry_after: wait };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function inBase64(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
