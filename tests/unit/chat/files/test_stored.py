"""The store: the same in a folder and in a bucket, here of a program that speaks S3 (moto's server)."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from chat.files.stored import PART, Bucket, FileStore, Missing, StoreUnavailable

from tests.support.waiting import eventually
from tests.unit.wire import free_port

pytestmark = pytest.mark.one_process  # else each process starts an S3 of its own: 1.2 s of a processor
BUCKET = Bucket(region="eu-central-1", key_id="an-id", key="a-key")


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of a program that speaks S3, with a bucket in it."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            eventually(
                lambda: httpx.put(f"{address}/files", verify=False).status_code == 200, what="S3 to answer"
            )
            yield address
        finally:
            server.terminate()


@pytest.fixture(params=["folder", "bucket", "folder in a bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> FileStore:
    if request.param == "folder":
        return FileStore(f"file://{tmp_path}/below")
    s3 = request.getfixturevalue("s3")  # starts a process, of which a folder has no use
    url = "s3://files" if request.param == "bucket" else f"s3://files/{tmp_path.name.replace('_', '-')}"
    return FileStore(url, Bucket(s3, BUCKET.region, BUCKET.key_id, BUCKET.key))


async def given(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def content(store: FileStore, key: str, *part: int) -> bytes:
    return b"".join([chunk async for chunk in store.chunks(key, *part)])


async def keys(store: FileStore, prefix: str) -> list[str]:
    return sorted([each.key async for each in store.list(prefix)])


@pytest.mark.parametrize("size", [1, 100_000, PART - 1, PART, 2 * PART + 1])
async def test_what_is_put_is_there_and_so_is_each_part_of_it(store: FileStore, size: int) -> None:
    data = (bytes(range(251)) * (size // 251 + 1))[:size]
    chunks = [data[at : at + 70_000] for at in range(0, size, 70_000)]
    assert await store.put("files/tea/one", given(*chunks), "image/png") == size
    assert await store.size("files/tea/one") == size
    assert await content(store, "files/tea/one") == data
    assert await content(store, "files/tea/one", size // 2, size) == data[size // 2 :]
    [found] = [each async for each in store.list("files/tea")]
    assert (found.key, found.size) == ("files/tea/one", size)
    await store.delete(["files/tea/one", "files/tea/never-there"])
    assert await keys(store, "files") == []
    with pytest.raises(Missing):
        await content(store, "files/tea/one")


@pytest.mark.parametrize("before", [1000, 2 * PART])
async def test_what_breaks_off_is_not_kept(store: FileStore, before: int) -> None:
    class BrokenOff(Exception):
        pass

    async def breaks() -> AsyncIterator[bytes]:
        yield b"x" * before
        raise BrokenOff

    with pytest.raises(BrokenOff):
        await store.put("files/tea/two", breaks())
    assert await keys(store, "files") == []


async def test_what_begins_alike_is_told_apart(store: FileStore) -> None:
    for key in ("files/tea/one", "files/teapot/two", "uploads/tea/three"):
        await store.put(key, given(b"x"))
    assert await keys(store, "files/tea") == ["files/tea/one"]
    assert await keys(store, "files") == ["files/tea/one", "files/teapot/two"]
    await store.delete(["files/tea/one", "files/teapot/two", "uploads/tea/three"])


async def test_a_signed_address_gives_the_file_with_its_kind_and_its_parts(s3: str) -> None:
    store = FileStore("s3://files/signed", Bucket(s3, BUCKET.region, BUCKET.key_id, BUCKET.key))
    await store.put("files/tea/one", given(b"0123456789"), "image/png")
    address = await store.signed("files/tea/one", "GET")
    assert address.startswith(f"{s3}/files/signed/files/tea/one?")
    async with httpx.AsyncClient() as http:
        answer = await http.get(address, headers={"Range": "bytes=2-4"})
        assert (answer.status_code, answer.content) == (206, b"234")
        assert answer.headers["content-type"] == "image/png"
    assert "X-Amz-Expires=60" in address


async def test_a_store_that_is_away_says_so() -> None:
    store = FileStore("s3://files", Bucket(f"http://127.0.0.1:{free_port()}", key_id="a", key="b"))
    with pytest.raises(StoreUnavailable):
        await store.size("files/tea/one")


def test_a_folder_that_goes_with_the_process_is_gone_after_it() -> None:
    store = FileStore(None)
    store.close()
    asyncio.run(store.put("files/tea/one", given(b"x")))
    folder = Path(str(store._store.prefix))
    assert list(folder.rglob("one"))
    store.close()
    assert not folder.exists()
