"""Records in this process' memory, lost when the process ends."""

import math
from collections.abc import Sequence
from time import monotonic

from relay.log.records import Ask, Change, Expect, Put, check


class MemoryRecords:
    def __init__(self) -> None:
        self._kept: dict[str, dict[str, tuple[bytes, float]]] = {}
        """By name and field: the value, and when it is forgotten."""

    async def read(self, *asks: Ask) -> list[dict[str, bytes]]:
        found = [self._record(ask.name) for ask in asks]
        return [
            {field: value for field, (value, _) in record.items() if not ask.fields or field in ask.fields}
            for ask, record in zip(asks, found, strict=True)
        ]

    async def change(self, owner: str, *changes: Change, expect: Sequence[Expect] = ()) -> bool:
        check(owner, changes, expect)
        for name, field, wanted in expect:
            if self._record(name).get(field, (None, 0.0))[0] != wanted:
                return False
        for each in changes:
            record = self._record(each.name)
            if isinstance(each, Put):
                until = monotonic() + each.seconds if each.seconds else math.inf
                record[each.field] = each.value, until
                others = sorted(record.keys() - {each.field}, key=lambda field: record[field][1])
                for field in others[: max(0, len(record) - each.most)]:
                    del record[field]
            else:
                record.pop(each.field, None)
            self._kept[each.name] = record
            if not record:
                del self._kept[each.name]
        return True

    def _record(self, name: str) -> dict[str, tuple[bytes, float]]:
        """Return what there is of a record now."""
        now = monotonic()
        return {field: kept for field, kept in self._kept.get(name, {}).items() if kept[1] > now}
