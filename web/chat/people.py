"""The people: who somebody is to the others."""

import secrets
from dataclasses import dataclass

MANNERS = (
    "Amber", "Brave", "Calm", "Clever", "Cosy", "Curious", "Dapper", "Eager", "Fond", "Gentle", "Glad",
    "Golden", "Happy", "Humble", "Jolly", "Keen", "Kind", "Lively", "Lucky", "Mellow", "Merry", "Nimble",
    "Patient", "Quiet", "Silver", "Sunny", "Swift", "Tidy", "Warm", "Witty",
)  # fmt: skip
ANIMALS = (
    "Badger", "Beaver", "Crane", "Dolphin", "Falcon", "Ferret", "Finch", "Fox", "Gecko", "Hare",
    "Hedgehog", "Heron", "Ibex", "Jay", "Koala", "Lark", "Lynx", "Magpie", "Marten", "Mole", "Otter",
    "Owl", "Panda", "Puffin", "Robin", "Seal", "Sparrow", "Stork", "Swan", "Wren",
)  # fmt: skip


@dataclass(frozen=True)
class Person:
    """A person as others see them; `id` tells two of the same name apart and is no secret."""

    id: str
    name: str

    @classmethod
    def guest(cls) -> "Person":
        """Return somebody new with a made-up name, such as "Quiet Otter"."""
        return cls(secrets.token_hex(8), f"{secrets.choice(MANNERS)} {secrets.choice(ANIMALS)}")
