"""As whom somebody is here, and which logins end with theirs."""

from chat.domain.identity import EARLIER, Identity
from chat.domain.people import Person

ANA = Person("a1", "Ana")


def test_a_moderator_has_a_login_that_nobody_knew_before() -> None:
    """The one before it ends with it: tabs may be open in it still."""
    before = Identity.of(ANA)
    after = before.promoted()
    assert (after.person, after.moderator, after.lasting) == (ANA, True, True)
    assert after.login != before.login
    assert after.logins == (after.login, before.login)


def test_who_is_a_moderator_already_stays_as_they_are() -> None:
    moderator = Identity.of(ANA).promoted()
    assert moderator.promoted() == moderator


def test_a_cookie_remembers_few_logins_before_its_own() -> None:
    """The last ones."""
    identity = Identity(ANA, "now", earlier=tuple(f"{number}" for number in range(EARLIER)))
    assert identity.promoted().earlier == (*(f"{number}" for number in range(1, EARLIER)), "now")


def test_another_name_is_all_that_is_other_about_somebody() -> None:
    before = Identity.of(ANA, lasting=False)
    after = before.named("Anna")
    assert after.person == Person("a1", "Anna")
    assert (after.login, after.lasting, after.moderator) == (before.login, False, False)
