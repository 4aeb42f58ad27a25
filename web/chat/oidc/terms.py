"""The terms: whom the provider's claims let in, under what name and with which role."""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from chat.domain.people import NAME_MAX_CHARS, check_name, unseen_character
from chat.domain.refusals import Refused
from chat.domain.roles import MEMBER, MODERATOR, OWNER

Claims = Mapping[str, Any]

LOOKED_AT = 200
"""Characters of a claim that a name is made of."""
NAMES = ("name", "preferred_username")
"""The claims that have a name, the best first."""


@dataclass(frozen=True)
class Terms:
    """`domains`: of verified e-mail addresses, in small letters; empty: any. `groups`: that come in; empty:
    all. Who is in one of `moderators` or `owners` comes in as well, and has that role. `claim`: which has the
    groups."""

    domains: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    claim: str = "groups"
    moderators: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()

    @property
    def ask_for_groups(self) -> bool:
        return bool(self.groups or self.moderators or self.owners)

    def check(self, claims: Claims) -> None:
        """Raise Refused if this person may not come in."""
        if self.domains and _domain(claims) not in self.domains:
            detail = "Only verified e-mail addresses of some domains come in here, and yours is none of them."
            raise Refused("forbidden", detail, reason="provider_domain")
        admitted = {*self.groups, *self.moderators, *self.owners}
        if self.groups and admitted.isdisjoint(self._groups(claims)):
            detail = "Only some groups come in here, and you are in none of them."
            raise Refused("forbidden", detail, reason="provider_groups")

    def role(self, claims: Claims, before: str) -> str:
        """Return the role of whoever had the role `before`. Where no group gives a role, it is not the
        provider's: whoever has it keeps it."""
        groups = self._groups(claims)
        for role, given_by in ((OWNER, self.owners), (MODERATOR, self.moderators)):
            if not groups.isdisjoint(given_by) or (before == role and not given_by):
                return role
        return MEMBER

    def _groups(self, claims: Claims) -> set[str]:
        said = claims.get(self.claim)
        each = [said] if isinstance(said, str) else said if isinstance(said, list) else []
        return {group for group in each if isinstance(group, str)}


def person_of(issuer: str, subject: str) -> str:
    """Return the id of a person, the same each time. No index is needed to find them again."""
    return sha256(f"person of {issuer} {subject}".encode(errors="surrogatepass")).hexdigest()[:16]


def names_of(claims: Claims) -> Iterator[str]:
    """Return the names that a person may have here, the best first: they are right to `check_name`."""
    given = [claims.get(claim) for claim in NAMES]
    if isinstance(email := claims.get("email"), str):
        given.append(email.partition("@")[0])
    for each in given:
        if isinstance(each, str) and (name := _cleaned(each)):
            yield name
            for number in range(2, 100):  # a large house has many of one name
                yield f"{name[: NAME_MAX_CHARS - 3].rstrip()} {number}"


def _cleaned(text: str) -> str:
    """A text as a name, without what a name can't have; empty if nothing is left."""
    text = unicodedata.normalize("NFC", " ".join(text[:LOOKED_AT].split()))
    while shown := unseen_character(text):
        text = text.replace(chr(int(shown.removeprefix("U+"), 16)), "")
    text = text[:NAME_MAX_CHARS]
    try:
        return check_name(text)
    except Refused:
        return ""


def _domain(claims: Claims) -> str:
    """That of the person's e-mail address; empty if they have none that the provider verified."""
    email = claims.get("email")
    verified = claims.get("email_verified") in (True, "true")  # some providers write it as a text
    return email.rpartition("@")[2].lower() if verified and isinstance(email, str) else ""
