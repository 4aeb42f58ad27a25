"""The part of the composition root that is there only where people sign in by OpenID Connect."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from relay import Relay
from starlette.routing import BaseRoute

from chat.domain.audit import Audit
from chat.http.login_cookie import Logins
from chat.http.oidc import OidcPages
from chat.http.oidc_logout import OidcLogout
from chat.http.pages import Pages
from chat.http.sign_in import Leave
from chat.oidc.arrivals import Arrivals
from chat.oidc.provider import Provider
from chat.oidc.sessions import ProviderSessions
from chat.oidc.terms import Terms
from chat.people.ended_logins import EndedLogins
from chat.people.known_names import KnownNames
from chat.people.roles import Roles
from chat.settings import Settings


class SingleSignOn(NamedTuple):
    """`routes`: its addresses; `leave`: see SignIn; `close()` closes the connections to the provider."""

    routes: list[BaseRoute]
    leave: Leave
    close: Callable[[], Awaitable[None]]


def build(
    settings: Settings,
    relay: Relay,
    logins: Logins,
    ended_logins: EndedLogins,
    roles: Roles,
    names: KnownNames,
    audit: Audit,
    pages: Pages,
) -> SingleSignOn:
    """Return it, for settings with an issuer."""
    issuer = settings.oidc_issuer
    assert issuer is not None
    terms = Terms(
        settings.oidc_domains,
        settings.oidc_groups,
        settings.oidc_groups_claim,
        settings.oidc_moderators,
        settings.oidc_owners,
    )
    provider = Provider(
        issuer, settings.oidc_client_id, settings.oidc_client_secret, groups=terms.ask_for_groups
    )
    arrivals = Arrivals(issuer, settings.provider, terms, relay.records, roles, names, audit)
    sessions = ProviderSessions(relay.records, ended_logins, settings.login_days)
    logout = OidcLogout(relay, provider, arrivals, sessions, pages)
    pages_of_it = OidcPages(relay, logins, provider, settings.provider, arrivals, sessions, pages)
    return SingleSignOn([*pages_of_it.routes, *logout.routes], logout.leave, provider.close)
