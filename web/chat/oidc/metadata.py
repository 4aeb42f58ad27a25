"""What the provider says of itself, in its discovery document."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from chat.oidc.away import ProviderAway

BY_DEFAULT = ("RS256",)


@dataclass(frozen=True)
class Metadata:
    """Addresses of the provider; `userinfo` and `end_session` are empty where it has none. `algorithms`: by
    which it signs. `post`: whether it takes the client's secret among the fields of a form. `names_itself`:
    whether it says in each of its answers that they are its own (RFC 9207). `scopes`: which it has."""

    authorization: str
    token: str
    keys: str
    userinfo: str
    end_session: str
    algorithms: tuple[str, ...]
    post: bool
    names_itself: bool
    scopes: tuple[str, ...]

    @classmethod
    def read(cls, issuer: str, document: dict[str, Any]) -> "Metadata":
        """Return what the document says. Raises ProviderAway if it is another issuer's or makes no sense."""
        if document.get("issuer") != issuer:
            raise ProviderAway(f"OIDC_ISSUER is {issuer!r}, and it calls itself {document.get('issuer')!r}")

        def address(name: str, *, needed: bool = True) -> str:
            found = document.get(name)
            if found is None and not needed:
                return ""
            if not isinstance(found, str) or urlsplit(found).scheme not in ("https", urlsplit(issuer).scheme):
                raise ProviderAway(f"its {name} is {found!r}")
            return found

        def words(name: str) -> tuple[str, ...]:
            found = document.get(name)
            return tuple(map(str, found)) if isinstance(found, list) else ()

        return cls(
            authorization=address("authorization_endpoint"),
            token=address("token_endpoint"),
            keys=address("jwks_uri"),
            userinfo=address("userinfo_endpoint", needed=False),
            end_session=address("end_session_endpoint", needed=False),
            algorithms=words("id_token_signing_alg_values_supported") or BY_DEFAULT,
            post="client_secret_post" in words("token_endpoint_auth_methods_supported"),
            names_itself=document.get("authorization_response_iss_parameter_supported") is True,
            scopes=words("scopes_supported"),
        )
