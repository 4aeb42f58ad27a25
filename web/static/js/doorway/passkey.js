// The two ceremonies of Web Authentication, between the server and the browser: a passkey is made, or shown.
//
// Bytes go over the wire in base64url. Newer browsers convert them (`toJSON`); what is here does it in all that know passkeys.

// Returns whether passkeys can be made and shown in this window.
export function known({ PublicKeyCredential, isSecureContext }) {
  return Boolean(PublicKeyCredential && isSecureContext);
}

export class Ceremonies {
  // `credentials`: the browser's; `post(path, fields)` resolves to a response.
  constructor({ credentials, post }) {
    this.credentials = credentials;
    this.post = post;
  }

  // Makes a passkey and adds it. Resolves to `{done}`, or why it was not done: `{name}` or `{error, detail}`.
  make(path) {
    return this.#run(path, {}, async (options) => {
      const made = await this.credentials.create({
        publicKey: {
          ...options,
          challenge: bytes(options.challenge),
          user: { ...options.user, id: bytes(options.user.id) },
          excludeCredentials: options.excludeCredentials.map((each) => ({ ...each, id: bytes(each.id) })),
        },
      });
      return said(made, ["clientDataJSON", "attestationObject"]);
    });
  }

  // Shows a passkey, and comes back as its person. `fields` go along. Resolves as above.
  show(path, fields) {
    return this.#run(path, fields, async (options) => {
      const shown = await this.credentials.get({ publicKey: { ...options, challenge: bytes(options.challenge) } });
      return said(shown, ["clientDataJSON", "authenticatorData", "signature", "userHandle"]);
    });
  }

  async #run(path, fields, ask) {
    const asked = await this.#posted(`${path}/challenge`, {});
    if (!asked.done) return asked;
    let passkey;
    try {
      passkey = JSON.stringify(await ask(asked.done));
    } catch ({ name }) {
      // Browsers do not tell a refusal from a passkey that is not there, so that no page learns which there are.
      if (name === "NotAllowedError" || name === "AbortError") return { name: "cancelled" };
      return { name: name === "InvalidStateError" ? "there" : "failed" };
    }
    return this.#posted(path, { ...fields, passkey });
  }

  async #posted(path, fields) {
    try {
      const response = await this.post(path, fields);
      const answer = await response.json();
      return response.ok ? { done: answer } : { error: answer.error, detail: answer.detail };
    } catch {
      return { name: "offline" };
    }
  }
}

function said({ id, type, rawId, response }, parts) {
  const values = parts.filter((part) => response[part]).map((part) => [part, base64url(response[part])]);
  return { id, type, rawId: base64url(rawId), response: Object.fromEntries(values) };
}

export function bytes(text) {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
}

export function base64url(buffer) {
  const text = btoa(String.fromCharCode(...new Uint8Array(buffer)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
