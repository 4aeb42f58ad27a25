"""An authenticator in software: it makes passkeys and shows them, rightly or as a test wants them wrong.

Its answers are what the page's script sends: what `navigator.credentials` returned, in JSON.
"""

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, SYNCABLE, SYNCED, WITH_KEY = 0x01, 0x04, 0x08, 0x10, 0x40
"""Flags of authenticator data (Web Authentication, 6.1)."""


@dataclass
class Key:
    """A passkey: the private half, and as whom it was made."""

    id: bytes
    person: bytes
    private: ec.EllipticCurvePrivateKey


@dataclass
class Authenticator:
    """`count`: how often it was used, None if it does not count; `flags`: what it says of its user."""

    count: int | None = None
    flags: int = PRESENT | VERIFIED
    keys: list[Key] = field(default_factory=list)

    def makes(self, options: dict[str, Any], origin: str, **wrong: Any) -> str:
        """A new passkey. `wrong`: `party`, `challenge` and `kind` in place of the right ones."""
        person = decoded(options["user"]["id"])
        key = Key(secrets.token_bytes(20), person, ec.generate_private_key(ec.SECP256R1()))
        self.keys.append(key)
        numbers = key.private.public_key().public_numbers()
        x, y = numbers.x.to_bytes(32), numbers.y.to_bytes(32)
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        party = wrong.get("party", options["rp"]["id"])
        data = self._data(party, WITH_KEY) + bytes(16) + len(key.id).to_bytes(2) + key.id + public
        attestation = {"fmt": "none", "attStmt": {}, "authData": data}
        client = _client(wrong.get("kind", "webauthn.create"), options, origin, wrong)
        return _said(key, clientDataJSON=client, attestationObject=cbor2.dumps(attestation))

    def shows(self, options: dict[str, Any], origin: str, key: Key | None = None, **wrong: Any) -> str:
        """The last passkey, or this one. `wrong`: `party`, `challenge`, `kind`, `person` and `signature` in
        place of the right ones."""
        key = key or self.keys[-1]
        if self.count is not None:
            self.count += 1
        data = self._data(wrong.get("party", options["rpId"]))
        client = _client(wrong.get("kind", "webauthn.get"), options, origin, wrong)
        signature = key.private.sign(data + sha256(client).digest(), ec.ECDSA(SHA256()))
        return _said(
            key,
            clientDataJSON=client,
            authenticatorData=data,
            signature=wrong.get("signature", signature),
            userHandle=wrong.get("person", key.person),
        )

    def _data(self, party: str, more: int = 0) -> bytes:
        return sha256(party.encode()).digest() + bytes([self.flags | more]) + (self.count or 0).to_bytes(4)


def decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def _client(kind: str, options: dict[str, Any], origin: str, wrong: dict[str, Any]) -> bytes:
    challenge = wrong.get("challenge", options["challenge"])
    return json.dumps({"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}).encode()


def _said(key: Key, **response: bytes) -> str:
    id = encoded(key.id)
    parts = {name: encoded(value) for name, value in response.items()}
    return json.dumps({"id": id, "rawId": id, "type": "public-key", "response": parts})
