"""The two ceremonies of Web Authentication: a passkey is made, and it says who somebody is.

py_webauthn checks what browsers send. It is imported when the first passkey is made or used: with all that it
needs it takes 0.1 s and 15 MB, which a chat without passkeys has better uses for. So everything here that
calls it takes long once, and is run in a thread.

A passkey is the only thing that somebody shows. So each time its authenticator has to make sure that it is
its owner who uses it, by a finger, a face or a PIN (`userVerification: required`). Whoever finds a security
key on a desk, or is lent an unlocked phone, does not come in by it. And it has to be found without a name
(`residentKey: required`): the authenticator tells us the person's id, and that leads to what is kept.
"""

import json
from base64 import urlsafe_b64decode
from collections.abc import Iterable
from typing import Any, NamedTuple

from chat.domain.messages import check_id
from chat.domain.people import Person
from chat.domain.refusals import Refused
from chat.people.challenge import LASTS
from chat.people.passkey import ID_MAX_BYTES, KEY_MAX_BYTES

CHAT = "Tertulia"
"""What authenticators call the chat."""
Said = dict[str, Any]
"""What a browser says: a `RegistrationResponseJSON` or an `AuthenticationResponseJSON`."""


class RelyingParty(NamedTuple):
    """Whom a passkey is for. `id`: the host's name; `origin`: of its pages."""

    id: str
    origin: str


class Made(NamedTuple):
    """A new key pair; its parts are as of Passkey."""

    id: bytes
    key: bytes
    uses: int
    synced: bool


class Shown(NamedTuple):
    """What a passkey says when it is used; its parts are as of Passkey."""

    uses: int
    synced: bool


def options_to_make(
    party: RelyingParty, person: Person, challenge: bytes, there: Iterable[bytes]
) -> dict[str, Any]:
    """Return a `PublicKeyCredentialCreationOptionsJSON`. `there`: the ids of the person's passkeys, beside
    which an authenticator makes no other."""
    from webauthn import generate_registration_options
    from webauthn.helpers import options_to_json_dict
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        PublicKeyCredentialDescriptor,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    options = generate_registration_options(
        rp_id=party.id,
        rp_name=CHAT,
        user_id=person.id.encode(),
        user_name=person.name,
        challenge=challenge,
        timeout=LASTS * 1000,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id) for id in there],
    )
    return options_to_json_dict(options)


def options_to_show(party: RelyingParty, challenge: bytes) -> dict[str, Any]:
    """Return a `PublicKeyCredentialRequestOptionsJSON`, for whatever passkey the person chooses."""
    from webauthn import generate_authentication_options
    from webauthn.helpers import options_to_json_dict
    from webauthn.helpers.structs import UserVerificationRequirement

    options = generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        timeout=LASTS * 1000,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json_dict(options)


def read(text: str) -> Said:
    """Return what a browser says, whatever is in it. Raises Refused."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict) or not isinstance(said.get("response"), dict):
        raise Refused("invalid", "`passkey` is what a browser says of one, in JSON.", reason="passkey_unread")
    return said


def challenge_in(said: Said) -> bytes:
    """Return the challenge that was signed. Raises Refused."""
    try:
        return _decoded(json.loads(_decoded(said["response"]["clientDataJSON"]))["challenge"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise wrong_passkey() from None


def person_in(said: Said) -> str:
    """Return the id of the person as whom a passkey was made. Raises Refused."""
    try:
        return check_id(_decoded(said["response"]["userHandle"]).decode())
    except (ValueError, KeyError, TypeError, Refused):
        raise wrong_passkey() from None


def id_in(said: Said) -> bytes:
    """Return what the authenticator calls the passkey. Raises Refused."""
    try:
        return _decoded(said["rawId"])
    except (ValueError, KeyError, TypeError):
        raise wrong_passkey() from None


def made(said: Said, party: RelyingParty, challenge: bytes) -> Made:
    """Return the key pair that was made. Raises Refused."""
    from webauthn import verify_registration_response
    from webauthn.helpers.structs import CredentialDeviceType

    try:
        found = verify_registration_response(
            credential=said,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except Exception as error:  # its parsers raise what they like at what a stranger sends
        detail = f"The passkey could not be checked: {error}"[:300]
        raise Refused("invalid", detail, reason="passkey_unread") from None
    if len(found.credential_id) > ID_MAX_BYTES or len(found.credential_public_key) > KEY_MAX_BYTES:
        raise Refused("invalid", "The passkey is too large.", reason="passkey_unread")
    synced = found.credential_device_type is CredentialDeviceType.MULTI_DEVICE
    return Made(found.credential_id, found.credential_public_key, found.sign_count, synced)


def shown(said: Said, party: RelyingParty, challenge: bytes, key: bytes) -> Shown:
    """Return what the passkey with this public key says. Raises Refused. Its uses are not compared here."""
    from webauthn import verify_authentication_response
    from webauthn.helpers.structs import CredentialDeviceType

    try:
        found = verify_authentication_response(
            credential=said,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except Exception:  # as above
        raise wrong_passkey() from None
    synced = found.credential_device_type is CredentialDeviceType.MULTI_DEVICE
    return Shown(found.new_sign_count, synced)


def wrong_passkey() -> Refused:
    """Return the refusal of a passkey by which nobody comes back, whatever is wrong with it: nobody learns
    from it who is known here."""
    detail = "Nobody here comes back by this passkey. It was ended, or it is that of another chat."
    return Refused("forbidden", detail, reason="wrong_passkey")


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
