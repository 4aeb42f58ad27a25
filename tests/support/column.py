"""The example of a column that says who is connected, and its database."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import socketio

from tests.support.examples import Client
from tests.support.waiting import soon


class Database:
    """With the users Ana and Ben."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "users.db"
        with closing(sqlite3.connect(self.path)) as connection, connection:
            connection.execute("CREATE TABLE users (id TEXT PRIMARY KEY, sid TEXT)")
            connection.executemany("INSERT INTO users (id) VALUES (?)", [("ana",), ("ben",)])

    def sid(self, user: str) -> str | None:
        """The client that the column has of a user."""
        with closing(sqlite3.connect(self.path, timeout=30)) as connection:
            [(sid,)] = connection.execute("SELECT sid FROM users WHERE id = ?", (user,))
            return None if sid is None else str(sid)


def told(client: Client, user: str) -> list[str]:
    """What a client was told of a user."""
    return [str(event) for event, *arguments in client.heard if arguments == [user]]


async def column(one: str, two: str, database: Database) -> None:
    """The column has a user's newest client, and another one when that goes. `one`, `two`: the addresses of
    the processes, or twice that of the only one."""
    ana, tab, ben, nobody = Client(), Client(), Client(), Client()
    await ben.connect(two, {"user": "ben"})
    await ana.connect(one, {"user": "ana"})
    assert database.sid("ana") == ana.sio.get_sid()
    await tab.connect(two, {"user": "ana"}, transport="polling")
    assert database.sid("ana") == tab.sio.get_sid()
    for wrong in (None, {"user": "eve"}):
        with pytest.raises(socketio.exceptions.ConnectionError):
            await nobody.connect(one, wrong)
    left = ana.sio.get_sid()
    await tab.sio.disconnect()
    await soon(lambda: database.sid("ana") == left, what="the column to have the client that is left")
    assert told(ben, "ana") == ["came"]
    await ana.sio.disconnect()
    await soon(lambda: told(ben, "ana") == ["came", "went"], what="Ben to hear that Ana has gone")
    assert database.sid("ana") is None
    assert database.sid("ben") == ben.sio.get_sid()
    await ben.sio.disconnect()
