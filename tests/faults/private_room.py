"""What was heard of a private room, and by whom: who was put out must not hear what was posted after it."""

from dataclasses import dataclass, field

from tests.faults.ledger import Ledger


@dataclass(frozen=True)
class Heard:
    """A message of the room that came to `who` at `at`, on time.monotonic()'s clock."""

    who: str
    id: str
    at: float


@dataclass
class PrivateRoom:
    """One private room, from its making to its end."""

    address: str
    ledger: Ledger
    outside: list[tuple[float, float]] = field(default_factory=list)
    """From when to when the one who does not stay was no member: from the answer to `remove` to the question
    `invite`."""
    heard_by_changing: list[Heard] = field(default_factory=list)
    heard_by_stranger: list[Heard] = field(default_factory=list)
    let_in: list[str] = field(default_factory=list)
    """What a stranger was answered with something else than that there is no such room."""

    def overheard(self) -> list[str]:
        """Return what came to somebody who was no member when it was posted and when it came, and what a
        stranger was let do."""
        found = [f"{each.who} heard {each.id} of {self.address}" for each in self.heard_by_stranger]
        found += [f"a stranger was answered {each}" for each in self.let_in]
        for each in self.heard_by_changing:
            post = self.ledger.posts.get(each.id)
            if post and any(out <= post.posted_at and each.at < back for out, back in self.outside):
                found.append(f"{each.who} heard {each.id} of {self.address} while put out")
        return found
