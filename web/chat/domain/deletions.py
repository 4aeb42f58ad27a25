"""Deletions: a message is gone from the log, and its place stays."""

from collections.abc import Sequence

from relay import Amendment, Log, encode

from chat.domain.edits import superseding
from chat.domain.targets import Target


async def emptying(log: Log, targets: Sequence[Target]) -> list[Amendment]:
    """Return what deletes these messages, as they are now, wherever their texts are. Raises
    LogUnavailable."""
    emptied = [
        Amendment(each.entry.seq, each.entry.id, tombstone(each.author), was=each.entry.data)
        for each in targets
    ]
    return emptied + await superseding(log, targets)


def tombstone(author: str) -> bytes:
    """Return what the log keeps of a message of this person that is deleted: no text, and no name."""
    return encode({"deleted": True, "author": {"id": author}})


def deletion(seq: int) -> tuple[str, bytes]:
    """Return the id and the data of the entry that says that a message was deleted. No message has such an
    id."""
    return f"deleted:{seq}", encode({"deletes": seq})


def deletions(seqs: list[int]) -> tuple[str, bytes]:
    """The same of several messages."""
    return f"deleted:{seqs[0]}-{seqs[-1]}", encode({"deletes": seqs})
