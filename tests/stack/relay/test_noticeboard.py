"""The example of docs/reusing-relay.md on Redis: two processes are one application."""

from pathlib import Path

from tests.stack.relay.worker import RedisUnderTest, until
from tests.support.noticeboard import Reader, copy, running


async def test_the_example_is_one_application_on_two_processes(redis: RedisUnderTest, tmp_path: Path) -> None:
    """Readers on either process hear all notices in one order; what one missed, the other tells."""
    copy(tmp_path)
    async with running(tmp_path, REDIS_URL=redis.url) as one, running(tmp_path, REDIS_URL=redis.url) as two:
        ana, ben = Reader(), Reader()
        for reader, url in ((ana, one), (ben, two)):
            await reader.connect(url)
            await reader.join("hall")
        for number in range(10):
            await (ana, ben)[number % 2].post("hall", str(number))
        for reader in (ana, ben):
            await until(lambda r=reader: len(r.heard) >= 10, "all ten are heard")  # type: ignore[misc]
            assert reader.numbers == list(range(1, 11))
        assert ana.heard == ben.heard

        await ben.sio.disconnect()
        await ana.post("hall", "while ben was away")
        back = Reader()
        await back.connect(one)
        missed = await back.join("hall", 10, ben.heard[-1]["epoch"])
        assert [each["text"] for each in missed["notices"]] == ["while ben was away"]
        for reader in (ana, back):
            await reader.sio.disconnect()
