"""What a client shows of a room: the rule of docs/protocol.md, "What changes a message", in a few lines."""

from copy import deepcopy
from typing import Any

Entry = dict[str, Any]


class Shown:
    """The messages of one room, as somebody shows them. Entries are taken in the order of their numbers."""

    def __init__(self, me: str) -> None:
        """`me`: the id of who looks."""
        self.messages: dict[int, Entry] = {}
        self._me = me

    def take(self, entries: list[Entry]) -> None:
        for entry in entries:
            self._take({name: deepcopy(value) for name, value in entry.items() if name != "epoch"})

    def _take(self, entry: Entry) -> None:
        match entry:
            case {"text": _} | {"deleted": _}:
                self.messages.setdefault(entry["seq"], entry)
            case {"deletes": int(seq)}:
                self._delete(seq)
            case {"deletes": list(seqs)}:
                for seq in seqs:
                    self._delete(seq)
            case {"erases": list(seqs)}:
                self._erase({*seqs})
            case {"edits": int(seq), "now": now}:
                if message := self._alive(seq):
                    self._edit(message, now, entry["seq"])
            case {"reacts": int(seq)}:
                if message := self._alive(seq):
                    self._react(message, entry)

    def _alive(self, seq: int) -> Entry | None:
        message = self.messages.get(seq)
        return None if message is None or "deleted" in message else message

    def _delete(self, seq: int) -> None:
        if message := self._alive(seq):
            place = {name: message[name] for name in ("id", "room", "seq", "at")}
            self.messages[seq] = {**place, "deleted": True, "author": {"id": message["author"]["id"]}}

    def _erase(self, seqs: set[int]) -> None:
        for message in self.messages.values():
            if message["seq"] in seqs and "deleted" not in message:
                message["author"] = {"id": message["author"]["id"], "name": ""}
            if "reply" in message and message["reply"]["seq"] in seqs:
                message["reply"]["author"]["name"] = ""

    def _edit(self, message: Entry, now: Entry, by: int) -> None:
        if by <= message.get("edited", 0):
            return
        message.pop("mentions", None)
        message.update(now, edited=by)
        if "@here" not in message["text"]:
            message.pop("here", None)

    def _react(self, message: Entry, entry: Entry) -> None:
        kept = {each["emoji"]: each for each in message.pop("reactions", [])}
        emoji, own = entry["emoji"], entry["author"]["id"] == self._me
        reaction = kept.setdefault(emoji, {"emoji": emoji, "since": entry["seq"]})
        reaction["count"] = entry["count"]
        if own and entry["on"]:
            reaction["mine"] = True
        elif own:
            reaction.pop("mine", None)
        if not entry["count"]:
            del kept[emoji]
        if kept:
            message["reactions"] = sorted(kept.values(), key=lambda each: int(each["since"]))
