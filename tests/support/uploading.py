"""A client that uploads files by tus 1.0, piece by piece."""

import base64
from typing import Any

import httpx

from tests.support.session import cookie_name
from tests.support.waiting import PATIENCE

TUS = {"Tus-Resumable": "1.0.0"}
PIECE = 5 << 20


def browser(url: str, cookie: str) -> httpx.AsyncClient:
    """One that signed in."""
    headers = {"Cookie": f"{cookie_name(url)}={cookie}", "Origin": url}
    return httpx.AsyncClient(base_url=url, headers=headers, timeout=PATIENCE)


async def announce(
    http: httpx.AsyncClient, room: str, name: str, size: int, **headers: str
) -> httpx.Response:
    """The answer to the announcement of a file."""
    metadata = f"filename {base64.b64encode(name.encode()).decode()}"
    told = {**TUS, "Upload-Length": str(size), "Upload-Metadata": metadata, **headers}
    return await http.post(f"/uploads/{room}", headers=told, timeout=PATIENCE)


async def arrived(http: httpx.AsyncClient, address: str) -> int:
    """How many bytes of an upload have arrived."""
    answer = await http.head(address, headers=TUS, timeout=PATIENCE)
    assert answer.status_code == 200, answer.headers
    return int(answer.headers["upload-offset"])


async def bring(http: httpx.AsyncClient, address: str, offset: int, piece: Any) -> httpx.Response:
    """The answer to a piece that belongs to this place."""
    told = {**TUS, "Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
    return await http.patch(address, headers=told, content=piece, timeout=PATIENCE)


async def upload(
    http: httpx.AsyncClient, room: str, data: bytes, name: str = "notes.bin", piece: int = PIECE
) -> str:
    """The id of a file that was uploaded."""
    announced = await announce(http, room, name, len(data))
    assert announced.status_code == 201, announced.text
    address = announced.headers["location"]
    for at in range(0, len(data), piece):
        answer = await bring(http, address, at, data[at : at + piece])
        assert answer.status_code == 204, answer.text
        assert answer.headers["upload-offset"] == str(min(at + piece, len(data)))
    return str(address).rpartition("/")[2]
