"""Records in this process' memory, lost when the process ends."""

import math
from collections.abc import Sequence
from heapq import nsmallest
from time import monotonic

from relay.log.records import Ask, Change, Expectation, Fewer, Put, check, check_asks


class MemoryRecords:
    def __init__(self) -> None:
        self._kept: dict[str, dict[str, tuple[bytes, float]]] = {}
        """By name and field: the value, and when it is forgotten."""

    async def read(self, *asks: Ask) -> list[dict[str, bytes]]:
        check_asks(asks)
        found = [self._record(ask.name) for ask in asks]
        return [
            {field: value for field, (value, _) in record.items() if not ask.fields or field in ask.fields}
            for ask, record in zip(asks, found, strict=True)
        ]

    async def everywhere(self, name: str) -> dict[str, bytes]:
        (found,) = await self.read(Ask("", name))
        return found

    def has(self, name: str, field: str) -> bool:
        """Return whether a field is there now."""
        return field in self._record(name)

    async def change(self, owner: str, *changes: Change, expect: Sequence[Expectation] = ()) -> bool:
        check(owner, changes, expect)
        if not all(map(self._holds, expect)):
            return False
        records = {name: self._record(name) for name in {each.name for each in changes}}
        now = monotonic()
        for each in changes:
            record = records[each.name]
            if isinstance(each, Put):
                until = now + each.seconds if each.seconds else math.inf
                record[each.field] = each.value, until
                if (beyond := len(record) - each.most) > 0:
                    others = record.keys() - {each.field}
                    for field in nsmallest(beyond, others, key=lambda field: record[field][1]):
                        del record[field]
            else:
                record.pop(each.field, None)
        for name, record in records.items():
            if record:
                self._kept[name] = record
            else:
                self._kept.pop(name, None)
        return True

    def _holds(self, expectation: Expectation) -> bool:
        record = self._record(expectation.name)
        if isinstance(expectation, Fewer):
            return len(record) < expectation.than
        return record.get(expectation.field, (None, 0.0))[0] == expectation.value

    def _record(self, name: str) -> dict[str, tuple[bytes, float]]:
        """Return what there is of a record now."""
        now = monotonic()
        return {field: kept for field, kept in self._kept.get(name, {}).items() if kept[1] > now}
