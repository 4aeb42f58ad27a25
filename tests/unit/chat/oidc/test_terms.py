"""Who comes in, under which name and with which role, by what the provider says of them."""

from typing import Any

import pytest
from chat.domain.people import check_name
from chat.domain.refusals import Refused
from chat.domain.roles import MEMBER, MODERATOR, OWNER
from chat.oidc.terms import Terms, names_of, person_of

VERIFIED = {"email": "ana@Example.ORG", "email_verified": True}
ROLES = Terms(moderators=("order",), owners=("boss",))


def lets_in(terms: Terms, **claims: Any) -> bool:
    try:
        terms.check(claims)
    except Refused:
        return False
    return True


def test_without_terms_everybody_comes_in() -> None:
    assert lets_in(Terms())


def test_a_domain_is_that_of_a_verified_address() -> None:
    terms = Terms(domains=("example.org",))
    assert lets_in(terms, **VERIFIED)
    assert lets_in(terms, email="ana@example.org", email_verified="true")
    for claims in (
        {},
        {"email": "ana@example.org"},
        {**VERIFIED, "email_verified": False},
        {**VERIFIED, "email_verified": "yes"},
        {**VERIFIED, "email": "ana@example.org.evil.example"},
        {**VERIFIED, "email": "ana@sub.example.org"},
        {**VERIFIED, "email": "example.org"},
        {**VERIFIED, "email": ["ana@example.org"]},
    ):
        assert lets_in(terms, **claims) == (claims.get("email") == "example.org"), claims


def test_a_group_lets_in_and_so_does_one_that_gives_a_role() -> None:
    terms = Terms(groups=("staff",), moderators=("order",))
    for groups in (["staff"], ["x", "order"], "staff"):
        assert lets_in(terms, groups=groups)
    foreign: list[Any] = [[], ["Staff"], "staffroom", None, {"staff": 1}, [["staff"]]]
    for each in foreign:
        assert not lets_in(terms, groups=each)
    assert lets_in(Terms(groups=("staff",), claim="roles"), roles=["staff"])


def test_with_domains_and_groups_both_have_to_be_right() -> None:
    terms = Terms(domains=("example.org",), groups=("staff",))
    assert lets_in(terms, **VERIFIED, groups=["staff"])
    assert not lets_in(terms, **VERIFIED)
    assert not lets_in(terms, groups=["staff"])


@pytest.mark.parametrize("before", [MEMBER, MODERATOR, OWNER])
def test_a_role_is_that_of_the_groups(before: str) -> None:
    assert ROLES.role({"groups": ["order"]}, before) == MODERATOR
    assert ROLES.role({"groups": ["order", "boss"]}, before) == OWNER
    assert ROLES.role({"groups": []}, before) == MEMBER


def test_a_role_that_no_group_gives_is_not_taken() -> None:
    assert Terms(moderators=("order",)).role({}, OWNER) == OWNER
    assert Terms(owners=("boss",)).role({}, MODERATOR) == MODERATOR
    assert Terms().role({"groups": ["order"]}, "guest") == MEMBER


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"name": "  Ada \n Lovelace ", "preferred_username": "ada"}, "Ada Lovelace"),
        ({"name": "", "preferred_username": "ada"}, "ada"),
        ({"name": 7, "email": "ada@example.org"}, "ada"),
        ({"name": "x" * 300}, "x" * 40),
        ({"name": "A\u202eda\u0000"}, "Ada"),
        ({"name": "A\u0301da"}, "\u00c1da"),
        ({"name": "\u0301", "preferred_username": " ", "email": "@x"}, None),
        ({"name": "\ud800"}, None),
        ({}, None),
    ],
)
def test_names_are_such_as_people_have_here(claims: dict[str, Any], name: str | None) -> None:
    names = list(names_of(claims))
    assert names[:1] == ([] if name is None else [name])
    assert len(set(names)) == len(names), "each is another"
    assert [check_name(each) for each in names] == names


def test_a_person_is_told_by_issuer_and_subject() -> None:
    ids = [person_of(*each) for each in (("https://a", "1"), ("https://b", "1"), ("https://a", "2"))]
    assert len(set(ids)) == 3
    assert ids[0] == person_of("https://a", "1")
    assert all(len(id) == 16 for id in ids)
