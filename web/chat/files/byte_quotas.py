"""How many bytes of files there may be: of a person and of an address in a day, and of all.

They are counted when a file is announced, before the first byte comes. A day is one of UTC. A small file
counts as `LEAST`, since it costs as much as that in records. What all files have together is put right from
time to time (see collector.py): a worker that ends may leave something counted that is not there.
"""

from time import time
from typing import NamedTuple

from relay import Ask, Expect, LogUnavailable, Put, Records

from chat.domain.refusals import Refused

LEAST = 64 * 1024
DAY = 86_400
IN_PARTITION = 2000
"""People and addresses of each partition that are counted. Where there are more, those go whose day ends
first."""
TRIES = 20
"""How often a count is tried that others change meanwhile. Each time one of them had theirs."""
OF_DAY, IN_ALL = "file-bytes-of-day", "file-bytes"
ALL = "all"


class Counter(NamedTuple):
    """A number of bytes in a record. `seconds`: for which it is kept after the last change; 0: for good."""

    owner: str
    name: str
    field: str
    seconds: int
    most: int


class ByteQuotas:
    def __init__(self, records: Records, of_person: int, people_per_address: int, in_all: int) -> None:
        """`of_person`: bytes in a day; an address has as many as several people; `in_all`: bytes that there
        may be."""
        self._records = records
        self._of_person = of_person
        self._of_address = of_person * people_per_address
        self._in_all = in_all

    async def take(self, person: str, address: str, size: int) -> None:
        """Count a file. Raises Refused if that were too much, and LogUnavailable."""
        counted = counts(size)
        if not await self._add(_all(), counted, self._in_all):
            detail = (
                "There is no room for more files here. A moderator can make some, or whoever runs the chat."
            )
            raise Refused("limit", detail, reason="files_bytes_in_all")
        of_day = [(_day(f"person {person}"), self._of_person), (_day(f"address {address}"), self._of_address)]
        for counter, most in of_day:
            if not await self._add(counter, counted, most):
                await self.give_back(size)
                detail = f"{self._of_person} bytes of files in a day are the most. Try again tomorrow."
                raise Refused(
                    "limit",
                    detail,
                    reason="files_bytes_per_day",
                    most=self._of_person,
                    megabytes=in_megabytes(self._of_person),
                )

    async def give_back(self, size: int) -> None:
        """Count a file no more that has gone. It stays counted in its day. Raises LogUnavailable."""
        await self.correct(-counts(size))

    async def correct(self, by: int) -> None:
        """Add to what all files have. Raises LogUnavailable."""
        await self._add(_all(), by, None)

    async def in_all(self) -> int:
        """Return how many bytes are counted. Raises LogUnavailable."""
        value, _ = await self._read(_all())
        return value

    async def _add(self, counter: Counter, size: int, most: int | None) -> bool:
        """Add to a counter, unless it were more than `most` then. Returns whether it was added."""
        for _ in range(TRIES):
            value, found = await self._read(counter)
            if most is not None and value + size > most:
                return False
            put = Put(
                counter.name,
                counter.field,
                b"%d" % max(0, value + size),
                counter.seconds,
                counter.most,
            )
            expected = Expect(counter.name, counter.field, found)
            if await self._records.change(counter.owner, put, expect=[expected]):
                return True
        raise LogUnavailable("The bytes of files were counted by others each time.")

    async def _read(self, counter: Counter) -> tuple[int, bytes | None]:
        (found,) = await self._records.read(Ask(counter.owner, counter.name, (counter.field,)))
        data = found.get(counter.field)
        return int(data or 0), data


def counts(size: int) -> int:
    """Return what a file of this size counts as."""
    return max(size, LEAST)


def in_megabytes(size: int) -> int:
    """Return a number of bytes as people are told it."""
    return max(1, size // 10**6)


def _all() -> Counter:
    return Counter(IN_ALL, IN_ALL, ALL, 0, 1)


def _day(whose: str) -> Counter:
    return Counter(whose, OF_DAY, f"{int(time()) // DAY} {whose}", DAY, IN_PARTITION)
