"""Votes on Redis: what its scripts are told of them, and what they reply.

A room has three keys for them (see names.py), all written by vote.lua. The counts of an entry are one member
of a sorted set, so a page is read with those of its entries, and nothing is counted then: 1 µs where nobody
voted. A vote costs Redis 45 µs, where an append is 22 (measured).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from relay.log.log import Entry, Voted
from relay.log.votes import MOST_KEYS, Tally, Vote, Voter
from relay.redis.append import ENTRY, NewEntry
from relay.redis.appends import Appends
from relay.redis.link import Link
from relay.redis.names import RoomNames
from relay.redis.script import Script

UNCHANGED = 2
"""The outcome of a vote that changes nothing."""


class RedisVotes:
    def __init__(self, link: Link, appends: Appends) -> None:
        self._link = link
        self._appends = appends
        self._vote = Script(link, *ENTRY, "find_entry.lua", "vote.lua")
        self._list = Script(link, "list_voters.lua", only_reads=True)
        self._forget = Script(link, "forget_voter.lua", allow_oom=True)

    async def vote(self, vote: Vote, entry: NewEntry) -> Voted:
        """Count a vote and append its entry. Raises as NewEntry.answer."""
        seq, id, key, voter_id, voter_name, cast, begins, dedup = vote
        words = seq, id, key, voter_id, voter_name, int(cast), MOST_KEYS, begins
        entry = entry if dedup else entry.without_dedup()
        ((reply, count),) = await self._vote.run((*self._appends.call([entry]), *words))
        return Voted(None if reply[2] == UNCHANGED else entry.answer(reply), count)

    async def voted(self, names: RoomNames, voter: str, entries: Collection[Entry]) -> set[tuple[int, str]]:
        """Return what Log.voted does."""
        keys = [(entry.seq, tally.key) for entry in entries for tally in entry.tally]
        if not keys:
            return set()
        votes = [f"{seq} {key} {voter}" for seq, key in keys]
        (scores,) = await self._link.send(("ZMSCORE", names.votes, *votes))
        return {key for key, score in zip(keys, scores, strict=True) if score is not None}

    async def voters(self, names: RoomNames, seq: int, key: str | None, limit: int) -> list[Voter]:
        """Return what Log.voters does."""
        (reply,) = await self._list.run((3, names.tallies, names.votes, names.voters, seq, key or "", limit))
        words = [word.decode() for word in reply]
        return [Voter(*each) for each in zip(words[::3], words[1::3], words[2::3], strict=True)]

    async def forget(self, names: RoomNames, voter: str) -> None:
        """Do what Log.forget_voter does."""
        await self._forget.run((1, names.voters, voter))


def tallies(rows: list[Any], of: range) -> dict[int, tuple[Tally, ...]]:
    """Return the tallies in members of the sorted set, by the numbers of their entries. `of`: the numbers
    that are looked for. A page of which few entries have tallies is read with those of others around."""
    found = {}
    for row in rows:
        number, _, keys = row.partition(b" ")
        if (seq := int(number)) in of:
            words = (key.split("\t") for key in keys.decode().split(" "))
            found[seq] = tuple(Tally(key, int(count), int(since)) for key, count, since in words)
    return found
