"""The names of authors are taken from what they wrote, and from what answers it."""

from chat.domain.authors import Authors
from chat.domain.messages import response_of
from relay import Post, Relay, encode

ANA, BEN = {"id": "ana-id", "name": "Ana"}, {"id": "ben-id", "name": "Ben"}
REPLY = {"author": BEN, "reply": {"seq": 1, "id": "1", "author": ANA}}


async def test_two_people_are_erased_from_one_message() -> None:
    """One wrote it, and it answers the other, who wrote long before. The two notices are about the same
    message."""
    log = Relay.in_memory(response_of).log
    await log.append("tea", Post("1", encode("first") + b"\n" + encode({"author": ANA})))
    for number in range(60):
        await log.append("tea", Post(f"between {number}", encode({"other": number})))
    await log.append("tea", Post("last", encode("second") + b"\n" + encode(REPLY)))
    for person in ("ben-id", "ana-id"):
        await Authors(log).erase(person, "tea")
    said = b"".join([entry.data for entry in (await log.read("tea", after=0)).entries])
    assert b"ana-id" in said
    assert b"ben-id" in said
    assert b"Ana" not in said
    assert b"Ben" not in said
