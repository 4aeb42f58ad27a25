"""The votes of one room in this process' memory."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from relay.log.log import Entry
from relay.log.votes import MOST_KEYS, Tally, TooManyKeys, Vote, Voter


@dataclass(slots=True)
class _Key:
    since: int
    voters: set[str] = field(default_factory=set)


class MemoryVotes:
    def __init__(self) -> None:
        self._keys: dict[int, dict[str, _Key]] = {}
        """By number of an entry and by key, the oldest key first. No key is without voters."""
        self._names: dict[str, str] = {}

    def tally(self, seq: int) -> tuple[Tally, ...]:
        """Return the tally of an entry."""
        keys = self._keys.get(seq, {}).items()
        return tuple(Tally(key, len(kept.voters), kept.since) for key, kept in keys)

    def count(self, vote: Vote) -> int:
        """Return how many voters the key of a vote has."""
        return sum(tally.count for tally in self.tally(vote.seq) if tally.key == vote.key)

    def changes(self, vote: Vote) -> bool:
        """Return whether a vote would change anything. Raises TooManyKeys."""
        keys = self._keys.get(vote.seq, {})
        kept = keys.get(vote.key)
        if vote.cast == (kept is not None and vote.voter_id in kept.voters):
            return False
        if kept is None and len(keys) >= MOST_KEYS:
            raise TooManyKeys(f"entry {vote.seq} has {MOST_KEYS} keys already")
        return True

    def change(self, vote: Vote, seq: int) -> None:
        """Count a vote that changes something. `seq`: the number of its entry."""
        keys = self._keys.setdefault(vote.seq, {})
        self._names[vote.voter_id] = vote.voter_name
        if vote.cast:
            keys.setdefault(vote.key, _Key(seq)).voters.add(vote.voter_id)
            return
        voters = keys[vote.key].voters
        voters.remove(vote.voter_id)
        if not voters:
            del keys[vote.key]
        self._drop(() if keys else (vote.seq,))

    def voted(self, voter: str, entries: Collection[Entry]) -> set[tuple[int, str]]:
        """Return which of these entries' keys a voter has cast."""
        return {
            (entry.seq, key)
            for entry in entries
            for key, kept in self._keys.get(entry.seq, {}).items()
            if voter in kept.voters
        }

    def voters(self, seq: int, key: str | None, limit: int) -> list[Voter]:
        """Return voters as Log.voters does."""
        return [
            Voter(each, id, self._names[id])
            for each, kept in self._keys.get(seq, {}).items()
            if key in (None, each)
            for id in sorted(kept.voters)[:limit]
        ]

    def forget(self, voter: str) -> None:
        """Forget the name of a voter."""
        if voter in self._names:
            self._names[voter] = ""

    def trim(self, oldest: int) -> None:
        """Drop the votes for what came before entry `oldest`."""
        self._drop([seq for seq in self._keys if seq < oldest])

    def _drop(self, seqs: Iterable[int]) -> None:
        """Drop the votes for entries, and the names of those who have none left."""
        for seq in seqs:
            del self._keys[seq]
        left = {id for keys in self._keys.values() for kept in keys.values() for id in kept.voters}
        self._names = {id: name for id, name in self._names.items() if id in left}
