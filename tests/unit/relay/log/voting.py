"""Votes in a room, as tests cast and read them."""

from typing import Any

from relay.log.log import Log, Voted
from relay.log.post import Post
from relay.log.votes import Tally, Vote


class Voting:
    """Votes in one room, each with a post of its own."""

    def __init__(self, log: Log, room: str = "tea") -> None:
        self.log, self.room = log, room
        self._ids = iter(range(10_000))

    async def cast(self, seq: int, key: str, voter: str, *, off: bool = False, **post: Any) -> Voted:
        """An entry of `filled` has its number as its id."""
        vote = Vote(seq, str(seq), key, voter, f"name of {voter}", not off)
        said = Post(f"vote {next(self._ids)}", b'{"votes":%d}' % seq)
        return await self.log.vote(self.room, vote, said._replace(**post))

    async def tally(self, seq: int) -> tuple[Tally, ...]:
        [entry] = (await self.log.read(self.room, after=seq - 1, limit=1)).entries
        assert entry.seq == seq
        return entry.tally
