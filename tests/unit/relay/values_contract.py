"""What all values promise, whoever keeps them: subclass ValuesContract and give it a `records` fixture."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from relay.log.records import MOST_BYTES, Ask, Change, Expectation, Records
from relay.values import DELETE, Values

from tests.unit.relay.log.store_contract import until


def count(value: Any) -> int:
    return int(value or 0) + 1


class LostAnswers:
    """Records of which each change reaches Redis twice, since the connection broke before its answer, and
    other workers make changes in between."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self.between = list[Any]()
        """Changes that others make, each once."""

    async def read(self, *asks: Ask) -> list[dict[str, bytes]]:
        return await self._records.read(*asks)

    async def everywhere(self, name: str) -> dict[str, bytes]:
        return await self._records.everywhere(name)

    async def change(self, owner: str, *changes: Change, expect: Sequence[Expectation] = ()) -> bool:
        await self._records.change(owner, *changes, expect=expect)
        if self.between:
            await Values(self._records).change("score", self.between.pop())
        return await self._records.change(owner, *changes, expect=expect)


class ValuesContract:
    @pytest.fixture
    def values(self, records: Records) -> Values:
        return Values(records)

    async def test_a_value_is_what_was_put_last(self, values: Values) -> None:
        assert await values.read("score") is None
        assert [await values.change("score", count) for _ in range(3)] == [1, 2, 3]
        assert await values.read("score") == 3
        assert await values.read("another score") is None

    async def test_a_value_is_any_json(self, values: Values) -> None:
        odd: list[Any] = [{"a": [1, 2.5, None, "é\U0001f600\ud800"]}, [], {}, "", 0, False, 2**70]
        for each in odd:
            assert await values.change("odd {value}", lambda _, each=each: each) == each  # type: ignore[misc]
            assert await values.read("odd {value}") == each

    async def test_a_change_may_use_what_it_is_given(self, values: Values) -> None:
        """It is given another object each time."""

        def add(names: list[str] | None) -> list[str]:
            names = names or []
            names.append("ana")
            return names

        for _ in range(2):
            await values.change("names", add)
        first, second = await values.read("names"), await values.read("names")
        assert first == second == ["ana", "ana"]
        assert first is not second

    async def test_a_change_that_returns_none_leaves_the_value(self, values: Values) -> None:
        assert await values.change("score", lambda score: None) is None
        assert await values.read("score") is None
        await values.change("score", count)
        assert await values.change("score", lambda score: None) is None
        assert await values.read("score") == 1

    async def test_no_change_undoes_another(self, records: Records) -> None:
        """Of one worker and of several."""
        workers = [Values(records) for _ in range(4)]
        await asyncio.gather(*(workers[n % 4].change("score", count) for n in range(40)))
        assert await workers[0].read("score") == 40

    async def test_a_deleted_value_is_not_brought_back(self, records: Records) -> None:
        """A change that has read it is not made, but made anew of nothing."""
        one, other = Values(records), Values(records)
        await one.change("score", lambda _: 7)
        seen: list[int | None] = []

        class Meanwhile(LostAnswers):
            async def change(self, owner: str, *changes: Change, expect: Sequence[Expectation] = ()) -> bool:
                await other.delete("score")
                return await self._records.change(owner, *changes, expect=expect)

        def end(score: int | None) -> int | None:
            seen.append(score)
            return None if score is None else score + 1

        assert await Values(Meanwhile(records)).change("score", end) is None
        assert seen == [7, None]
        assert await one.read("score") is None
        assert await one.change("score", count) == 1

    async def test_a_change_may_delete_the_value(self, values: Values) -> None:
        await values.change("score", count)
        assert await values.change("score", lambda score: DELETE if score == 1 else 9) is DELETE
        assert await values.read("score") is None
        assert await values.change("score", lambda score: DELETE) is DELETE
        await values.delete("score")
        assert await values.change("score", count) == 1

    async def test_a_change_whose_answer_was_lost_is_made_once(self, records: Records) -> None:
        """Also when others change the value before Redis is asked again."""
        lost = LostAnswers(records)
        values = Values(lost)
        assert [await values.change("score", count) for _ in range(3)] == [1, 2, 3]
        lost.between = [lambda score: score + 10]
        assert await values.change("score", count) == 4
        assert await values.read("score") == 14
        lost.between = [count]
        assert await values.change("score", lambda score: DELETE) is DELETE
        assert await values.read("score") == 1

    async def test_a_value_ends_after_its_time_unless_it_is_changed(self, values: Values) -> None:
        """And is then as one that never was. A change without a time lets it stay."""
        for name in ("short", "renewed"):
            await values.change(name, count, lasts=1)
        assert await values.change("renewed", count) == 2
        await until(lambda: values.read("short"), None)
        assert await values.read("renewed") == 2
        assert await values.change("short", count) == 1

    async def test_what_can_not_be_kept_is_refused(self, values: Values) -> None:
        async def later(value: Any) -> int:
            return 1

        await values.change("score", count)
        for wrong, problem in (
            (lambda _: object(), "JSON"),
            (lambda _: {1, 2}, "JSON"),
            (later, "without async"),
        ):
            with pytest.raises(TypeError, match=problem):
                await values.change("score", wrong)
        for wrong, problem in (
            (lambda _: float("nan"), "JSON"),
            (lambda _: "x" * MOST_BYTES, f"at most {MOST_BYTES} bytes"),
        ):
            with pytest.raises(ValueError, match=problem):
                await values.change("score", wrong)
        for lasts in (-1, 0.5):
            with pytest.raises(ValueError, match="whole number of seconds"):
                await values.change("score", count, lasts)  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="at most 200 characters"):
            await values.change("x" * 200, count)
        assert await values.read("score") == 1
        longest = "x" * (MOST_BYTES - 2)
        assert await values.change("x" * 190, lambda _: longest) == longest

    async def test_nothing_is_left_of_what_was_deleted(self, values: Values, records: Records) -> None:
        """But for some seconds the marks of its changes."""
        await values.change("score", count)
        await values.delete("score")
        record = Ask("score", "value of score")
        assert all(field.startswith("changed ") for field in (await records.read(record))[0])
        await until(lambda: records.read(record), [{}])
